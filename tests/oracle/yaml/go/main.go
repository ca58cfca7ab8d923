// Reads YAML with gopkg.in/yaml.v3, the library that Akash reads an SDL with, for the tests.
//
// Standard input: one JSON object a line, {"id":1,"yaml":"a: b"}. Standard output, in the same order:
// {"id":1,"tree":[...]} with one entry a document, or {"id":1,"error":"..."}. A mapping is {"m":[[key,value],...]},
// a sequence {"q":[...]}, a string {"s":"text"}, every other scalar {"o":"text"}.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"gopkg.in/yaml.v3"
)

// Aliases are followed; deeper than this one is taken to hold itself.
const deepest = 200

type question struct {
	ID   int64  `json:"id"`
	YAML string `json:"yaml"`
	// Only the first document, as Akash reads an SDL.
	First bool `json:"first"`
}

type answer struct {
	ID    int64  `json:"id"`
	Tree  any    `json:"tree,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	input := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	output := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer output.Flush()
	lines := json.NewEncoder(output)
	lines.SetEscapeHTML(false)
	for {
		var asked question
		if err := input.Decode(&asked); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		said := answer{ID: asked.ID}
		if tree, err := read(asked.YAML, asked.First); err != nil {
			said.Error = err.Error()
		} else {
			said.Tree = tree
		}
		if err := lines.Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}

func read(text string, first bool) (tree []any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	tree = []any{}
	documents := yaml.NewDecoder(strings.NewReader(text))
	for {
		var document yaml.Node
		if err := documents.Decode(&document); errors.Is(err, io.EOF) {
			return tree, nil
		} else if err != nil {
			return nil, err
		}
		for _, root := range document.Content {
			plain, err := build(root, 0)
			if err != nil {
				return nil, err
			}
			tree = append(tree, plain)
		}
		if first {
			return tree, nil
		}
	}
}

func build(node *yaml.Node, depth int) (any, error) {
	if depth > deepest {
		return nil, errors.New("too deep")
	}
	switch node.Kind {
	case yaml.AliasNode:
		return build(node.Alias, depth+1)
	case yaml.ScalarNode:
		if node.ShortTag() != "!!str" {
			return map[string]any{"o": node.Value}, nil
		}
		// What a Go program gets is asked as well as what the node says.
		var text string
		if err := node.Decode(&text); err != nil {
			return nil, err
		}
		if text != node.Value {
			return nil, fmt.Errorf("%q decodes to %q", node.Value, text)
		}
		return map[string]any{"s": text}, nil
	case yaml.SequenceNode:
		items := []any{}
		for _, child := range node.Content {
			item, err := build(child, depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		return map[string]any{"q": items}, nil
	case yaml.MappingNode:
		pairs := []any{}
		for at := 0; at+1 < len(node.Content); at += 2 {
			key, err := build(node.Content[at], depth+1)
			if err != nil {
				return nil, err
			}
			value, err := build(node.Content[at+1], depth+1)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, []any{key, value})
		}
		return map[string]any{"m": pairs}, nil
	default:
		return nil, fmt.Errorf("a node of kind %d", node.Kind)
	}
}
