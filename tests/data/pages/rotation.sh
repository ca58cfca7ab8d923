# with a keychain
# What is deployed, for this profile and for `prod`.
sdlrender init ghcr >/dev/null 2>&1
echo prod.yaml >>.gitignore
touch .env.prod
sdlrender deploy.tmpl.yaml -o deploy.yaml
sdlrender console deploy.tmpl.yaml --sdl deploy.console.yaml
sdlrender deploy.tmpl.yaml -o prod.yaml
