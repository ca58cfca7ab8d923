# A template that somebody sent.
sdlrender init ghcr >/dev/null 2>&1
mv deploy.tmpl.yaml their.tmpl.yaml
