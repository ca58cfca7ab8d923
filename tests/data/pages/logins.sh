echo deploy.yaml >.gitignore
