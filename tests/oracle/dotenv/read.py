"""Reads .env files with python-dotenv as load_dotenv() does, for the tests. The protocol is the one that go/main.go describes."""

import io
import json
import logging
import sys

from dotenv.main import DotEnv

# It warns of each line that it leaves out.
logging.disable(logging.CRITICAL)


def main():
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        # As a file is opened: every kind of line end is one line feed.
        stream = io.StringIO(asked["text"], newline=None)
        values = DotEnv(dotenv_path=None, stream=stream, override=False).dict()
        print(json.dumps({"id": asked["id"], "values": values}))


main()
