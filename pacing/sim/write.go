package sim

import (
	"io"

	"go.yaml.in/yaml/v3"
)

// Write writes the scenario as a file that Parse reads.
func Write(w io.Writer, s *Scenario) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(s); err != nil {
		return err
	}
	return e.Close()
}
