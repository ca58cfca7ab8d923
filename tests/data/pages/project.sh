# The template that the file speaks of, with values on this machine.
sdlrender init ecr >/dev/null 2>&1
rm sdlrender.toml
sed -i 's/ECR_PASSWORD }}/ECR_PASSWORD | default(GHCR_TOKEN) }}/' deploy.tmpl.yaml
(umask 077; printf 'ECR_PASSWORD=made-up-value\nGHCR_TOKEN=made-up-value\n' > .env)
