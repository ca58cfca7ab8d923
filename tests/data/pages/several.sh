sdlrender init ghcr >/dev/null 2>&1
cp deploy.tmpl.yaml web.tmpl.yaml
mv deploy.tmpl.yaml worker.tmpl.yaml
mkdir out
echo /out/ >> .gitignore
