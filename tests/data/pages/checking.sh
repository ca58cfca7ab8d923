sdlrender init ghcr >/dev/null 2>&1
