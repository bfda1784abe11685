package main

import (
	"fmt"

	"github.com/dialtide/dialtide/recording"
)

// recordingKeyCmd prints a new line for the key file. The newest key stands first; older ones stay as long as recordings need them.
type recordingKeyCmd struct {
	ID string `arg:"" help:"Name of the key, such as 2026-11; recordings keep it."`
}

func (c *recordingKeyCmd) Run() error {
	line, err := recording.NewKey(c.ID)
	if err != nil {
		return err
	}
	fmt.Println(line)
	return nil
}
