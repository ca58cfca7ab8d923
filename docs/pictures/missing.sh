sdlrender --no-check deploy.tmpl.yaml -o deploy.yaml
