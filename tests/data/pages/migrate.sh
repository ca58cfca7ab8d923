# with a keychain
