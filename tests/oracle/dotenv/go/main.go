// Reads .env files with compose-go, as Docker Compose does, for the tests.
//
// Standard input: one JSON object a line, {"id":1,"text":"A=b"}. Standard output, in the same order: {"id":1,"values":{"A":"b"}}, with
// "error" beside them where the file is refused: the values are those before the line that is refused. A name without a value is null.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/sirupsen/logrus"
)

type question struct {
	ID   int64  `json:"id"`
	Text string `json:"text"`
}

type answer struct {
	ID     int64             `json:"id"`
	Values map[string]string `json:"values"`
	Error  string            `json:"error,omitempty"`
}

func main() {
	// It warns of each name that is not set.
	logrus.SetOutput(io.Discard)
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
		said := answer{ID: asked.ID, Values: map[string]string{}}
		var err error
		if said.Values, err = read(asked.Text); err != nil {
			said.Error = err.Error()
		}
		if err := lines.Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}

// read is what Compose does with the file that --env-file names.
func read(text string) (map[string]string, error) {
	const bom = "\uFEFF"
	if len(text) >= len(bom) && text[:len(bom)] == bom {
		text = text[len(bom):]
	}
	return dotenv.UnmarshalWithLookup(text, os.LookupEnv)
}
