package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// DefaultFile is read when no other configuration file is named.
const DefaultFile = "/etc/dialtide/dialtide.yaml"

// FileError says what is wrong with a configuration file, where, and what to do. It is a whole line for a person.
type FileError struct {
	File string // path
	Line int    // from 1; 0: the whole file
	Text string
}

// Error returns the line.
func (e *FileError) Error() string {
	where := e.File
	if e.Line > 0 {
		where += fmt.Sprintf(", line %d", e.Line)
	}
	return "configuration file " + where + ": " + e.Text
}

// setting is what a file says of one flag: a text as it stands there, so that a password of digits stays what it is, or a list.
type setting struct {
	text string
	list []any
	line int
}

// YAML reads a configuration file for kong. Keys are the flags' names; nesting joins with a hyphen, so that
// `ari: {url: …}` is the flag ari-url. An unknown key is an error: a typing mistake must not pass in silence.
func YAML(r io.Reader) (kong.Resolver, error) {
	name := "given"
	if f, ok := r.(interface{ Name() string }); ok {
		name = f.Name()
	}
	values, err := readFile(name, r)
	if err != nil {
		return nil, err
	}
	return &fileResolver{file: name, values: values}, nil
}

// OrDefault reads the file at path unless another one is named by --config or in the environment. A file that is not there says
// nothing; one that cannot be read is told to every command that takes settings.
func OrDefault(path string) kong.Resolver {
	f := &fileResolver{file: path, fallback: true}
	r, err := os.Open(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.err = &FileError{File: path, Text: "cannot be read (" + cause(err) + "): run this as a user who may read it, such as the service's, or name another file with --config"}
		}
		return f
	}
	defer func() { _ = r.Close() }() // it was only read
	f.values, f.err = readFile(path, r)
	return f
}

// cause is an error without the path that stands in front of the line already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func readFile(name string, r io.Reader) (map[string]setting, error) {
	var doc yaml.Node
	switch err := yaml.NewDecoder(r).Decode(&doc); {
	case errors.Is(err, io.EOF): // nothing but comments
		return nil, nil
	case err != nil:
		return nil, &FileError{File: name, Text: strings.TrimPrefix(cause(err), "yaml: ") + ": mend it; it wants lines of the form `key: value`"}
	}
	flat := map[string]setting{}
	return flat, flatten(name, "", doc.Content[0], flat)
}

// flatten notes every key of a mapping, those of mappings in it with their own name in front.
func flatten(file, prefix string, n *yaml.Node, into map[string]setting) error {
	bad := func(n *yaml.Node, format string, a ...any) error {
		return &FileError{File: file, Line: n.Line, Text: fmt.Sprintf(format, a...)}
	}
	if n.Kind != yaml.MappingNode {
		return bad(n, "it wants lines of the form `key: value`")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		key := strings.ReplaceAll(prefix+k.Value, "_", "-")
		if _, twice := into[key]; twice {
			return bad(k, "%s is given twice: remove one", key)
		}
		switch {
		case v.Kind == yaml.MappingNode:
			if err := flatten(file, key+"-", v, into); err != nil {
				return err
			}
		case v.Kind == yaml.SequenceNode:
			list := make([]any, 0, len(v.Content))
			for _, item := range v.Content {
				if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
					return bad(item, "%s is a list of plain values: nothing nested, nothing empty", key)
				}
				list = append(list, item.Value)
			}
			into[key] = setting{list: list, line: k.Line}
		case v.Tag == "!!null":
			return bad(k, "%s has no value: give it one or remove the line", key)
		default:
			into[key] = setting{text: v.Value, line: k.Line}
		}
	}
	return nil
}

// fileResolver gives flags their values from one file.
type fileResolver struct {
	file     string
	fallback bool // only when no other file is named
	err      error
	values   map[string]setting
}

// Validate is part of kong.Resolver; what is wrong is told by Resolve already, before flags that miss a value are.
func (f *fileResolver) Validate(*kong.Application) error { return nil }

// Resolve gives a flag its value from the file, unless the environment has one.
func (f *fileResolver) Resolve(k *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !takesSettings(k) || f.fallback && otherFile(k) {
		return nil, nil
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := f.known(k.Model.Node); err != nil {
		return nil, err
	}
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	v, ok := f.values[flag.Name]
	switch {
	case !ok:
		return nil, nil
	case v.list == nil:
		return v.text, nil
	case flag.Target.Kind() != reflect.Slice:
		return nil, &FileError{File: f.file, Line: v.line, Text: flag.Name + " takes one value and not a list"}
	}
	return v.list, nil
}

// takesSettings tells commands that lean on the installation from those that do not, such as the demo.
func takesSettings(k *kong.Context) bool {
	n := k.Selected()
	if n == nil {
		return false
	}
	for _, flag := range n.Flags {
		if flag.Name == "database" {
			return true
		}
	}
	return false
}

// otherFile tells whether a configuration file was named.
func otherFile(k *kong.Context) bool {
	for _, p := range k.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			return true
		}
	}
	return os.Getenv("DIALTIDE_CONFIG") != ""
}

// known refuses keys that are no command's flag.
func (f *fileResolver) known(root *kong.Node) error {
	flags := map[string]bool{}
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		for _, flag := range n.Flags {
			flags[flag.Name] = true
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(root)
	var first *FileError
	for k, v := range f.values {
		if !flags[k] && (first == nil || v.line < first.Line) {
			first = &FileError{File: f.file, Line: v.line, Text: fmt.Sprintf("unknown key %q: correct or remove it; `dialtide serve --help` shows the keys, as flags", k)}
		}
	}
	if first != nil {
		return first
	}
	return nil
}
