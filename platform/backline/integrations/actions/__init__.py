"""What integrations do: records handed over by a source, files of lines, opening positions."""
