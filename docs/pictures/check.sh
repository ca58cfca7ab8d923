sdlrender check deploy.tmpl.yaml
