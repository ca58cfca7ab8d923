sdlrender init ghcr >/dev/null 2>&1
printf '#!/bin/sh\nset -e\nprovider-services tx deployment create "$1"\nprovider-services send-manifest "$1"\n' > deploy.sh
chmod +x deploy.sh
