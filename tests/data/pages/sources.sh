# The template of these commands, with a value that they fetch.
sdlrender init ecr >/dev/null 2>&1
# It says that ECR_PASSWORD is needed.
rm sdlrender.toml
sed -i 's/ECR_PASSWORD }}/ECR_PASSWORD | default(TOKEN) }}/' deploy.tmpl.yaml
