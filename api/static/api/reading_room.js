// Starts Swagger UI. A file of its own, so that the page needs no inline script.
window.addEventListener("DOMContentLoaded", () => {
  const room = document.getElementById("room");
  window.SwaggerUIBundle({
    url: room.dataset.document,
    dom_id: "#room",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
