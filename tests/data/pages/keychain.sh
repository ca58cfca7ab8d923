# with a keychain
sdlrender init ghcr >/dev/null 2>&1
echo '{}' >gcr-key.json
