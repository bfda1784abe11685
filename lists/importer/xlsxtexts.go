package importer

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
)

// sharedTexts are the texts that cells refer to by number, in one piece of memory.
type sharedTexts struct {
	text []byte
	ends []uint32
}

func (s *sharedTexts) at(number string) string {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(s.ends) {
		return ""
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]])
}

func (s *sharedTexts) read(f *zip.File) error {
	part, c, err := openPart(f)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = c.Close() }()
	dec := xml.NewDecoder(part)
	in, phonetic := false, false
	for {
		t, err := part.token(dec)
		if errors.Is(err, io.EOF) {
			s.text, s.ends = slices.Clip(s.text), slices.Clip(s.ends)
			return nil
		}
		if err != nil {
			return broken(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				in = !phonetic
			case "rPh":
				phonetic = true
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				in = false
			case "rPh":
				phonetic = false
			case "si":
				s.ends = append(s.ends, uint32(len(s.text)))
			}
		case xml.CharData:
			if in {
				s.text = append(s.text, e...)
			}
		}
		if len(s.text) > maxShared || len(s.ends) > maxSharedText {
			return &FileError{FileColumns, "the workbook has too many different texts: save it as CSV"}
		}
	}
}
