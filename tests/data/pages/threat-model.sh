sdlrender init ghcr >/dev/null 2>&1
sed 's/GHCR_USERNAME/GHCR_USER/' deploy.tmpl.yaml >their.tmpl.yaml
echo GHCR_USER=my-login >.env
chmod 600 .env
