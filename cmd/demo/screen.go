package demo

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// screen is where a person reads. On a terminal what is said takes the place of what was said before; a file or a pipe gets plain
// lines, without any control sequence.
type screen struct {
	out      io.Writer
	terminal *os.File // nil: none
}

func newScreen(out io.Writer) *screen {
	s := &screen{out: out}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.terminal = f
	}
	return s
}

func (s *screen) say(text string) {
	if s.terminal == nil {
		fmt.Fprintf(s.out, "  %s\n", text)
		return
	}
	fmt.Fprintf(s.out, "\r\033[K  %s", fit(text, s.terminal))
}

// clear takes away what was said last, where that is possible.
func (s *screen) clear() {
	if s.terminal != nil {
		fmt.Fprint(s.out, "\r\033[K")
	}
}

// fit cuts the text to the terminal's width: a line that wraps cannot be written over.
func fit(text string, terminal *os.File) string {
	width, _, err := term.GetSize(int(terminal.Fd()))
	runes := []rune(text)
	if err != nil || width <= 3 || len(runes) <= width-3 {
		return text
	}
	return string(runes[:width-3])
}
