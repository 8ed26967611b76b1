"""The press as a program of its own: orders on standard input, papers on standard output."""

from backline.kernel.papers.press import serve

serve()
