"""Reads YAML with PyYAML, for the tests, by the reader that the argument names: SafeLoader, or CSafeLoader, which is libyaml.

The protocol is the one that go/main.go describes.
"""

import json
import sys

import yaml

LOADER = getattr(yaml, sys.argv[1])
TEXT = "tag:yaml.org,2002:str"
# Aliases are followed; deeper than this one is taken to hold itself.
DEEPEST = 200


def build(node, depth):
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(node, yaml.ScalarNode):
        return {"s" if node.tag == TEXT else "o": node.value}
    if isinstance(node, yaml.SequenceNode):
        return {"q": [build(item, depth + 1) for item in node.value]}
    return {"m": [[build(key, depth + 1), build(value, depth + 1)] for key, value in node.value]}


def answer(asked):
    try:
        # An empty stream's one document is None.
        roots = [root for root in yaml.compose_all(asked["yaml"], Loader=LOADER) if root is not None]
        return {"id": asked["id"], "tree": [build(root, 0) for root in roots]}
    except (yaml.YAMLError, ValueError) as error:
        return {"id": asked["id"], "error": str(error)}


def main():
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")


main()
