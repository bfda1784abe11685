package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// FileError says why a file cannot be read at all. Code is for programs, Message for people.
type FileError struct{ Code, Message string }

func (e *FileError) Error() string { return e.Message }

// Codes of FileError.
const (
	FileEmpty    = "file_empty"
	FileBinary   = "file_binary"    // not a text file
	FileNoPhone  = "no_phone"       // no column that holds telephone numbers
	FileColumns  = "too_many"       // more columns than allowed
	FileRowLong  = "row_too_long"   // a row longer than allowed; mostly a quote that is never closed
	FileNotRead  = "not_readable"   // the stream broke off
	FileEncoding = "encoding_mixed" // bytes that are no text in the encoding of the rest
	FileBomb     = "zip_bomb"       // a workbook that unpacks to far more than it holds
	FileSheet    = "sheet_missing"  // the workbook has no sheet of that name, or none with rows
)

// Names of encodings in a Report.
const (
	encodingUTF8    = "UTF-8"
	encodingUTF16LE = "UTF-16LE"
	encodingUTF16BE = "UTF-16BE"
	encodingGB      = "GB18030"
	encodingBig5    = "Big5"
)

const (
	sniff     = 64 << 10 // bytes that are looked at to find the encoding
	fewBroken = 1        // places that are not UTF-8 and still make no other encoding: their rows are rejected
)

var signatures = []struct{ magic, what string }{
	{"PK\x03\x04", "a zip archive, and no workbook that can be read from its end: send it as a file, or save it as CSV"},
	{"PK\x05\x06", "an empty zip archive"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls): save it as .xlsx or CSV first"},
	{"\x1f\x8b", "a gzip archive: unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"},
	{"Rar!", "a RAR archive: unpack it first"},
	{"%PDF", "a PDF document: lists are CSV, TSV or XLSX files"},
	{"\x89PNG", "an image: lists are CSV, TSV or XLSX files"},
	{"\xff\xd8\xff", "an image: lists are CSV, TSV or XLSX files"},
	{"GIF8", "an image: lists are CSV, TSV or XLSX files"},
	{"\x7fELF", "a program: lists are CSV, TSV or XLSX files"},
	{"MZ\x90", "a program: lists are CSV, TSV or XLSX files"},
	{"<?xml", "an XML document: save it as CSV first"},
	{"<!DOCTYPE", "a web page: save it as CSV first"},
	{"<html", "a web page: save it as CSV first"},
}

// decoders are the encodings that a person may name.
var decoders = map[string]func() transform.Transformer{
	encodingUTF16LE: func() transform.Transformer { return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder() },
	encodingUTF16BE: func() transform.Transformer { return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder() },
	encodingGB:      func() transform.Transformer { return simplifiedchinese.GB18030.NewDecoder() },
	encodingBig5:    func() transform.Transformer { return traditionalchinese.Big5.NewDecoder() },
}

// decoded returns the file's text as UTF-8 and the name of its encoding, which is the wanted one when that is given. A file
// whose beginning is plain ASCII is decided when the first other byte comes.
func decoded(r io.Reader, wanted string) (io.Reader, string, error) {
	b := bufio.NewReaderSize(r, sniff)
	head, err := b.Peek(sniff)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, "", &FileError{FileNotRead, "the file could not be read: " + err.Error()}
	} // else the error comes again after what was read before it
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, "", &FileError{FileEmpty, "the file is empty: export the list again"}
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return nil, "", &FileError{FileBinary, "the file is not CSV but " + s.what}
		}
	}
	switch {
	case wanted != "" && wanted != encodingUTF8:
		return oneEncoding(b, wanted), wanted, nil
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := b.Discard(3)
		return b, encodingUTF8, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(b), encodingUTF16LE, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Reader(b), encodingUTF16BE, nil
	}
	if wanted == encodingUTF8 {
		return b, wanted, nil
	}
	if r, name, ok := utf16WithoutMark(b, head); ok {
		return r, name, nil
	}
	if n := controls(head); n >= 8 && n > len(head)/20 {
		return nil, "", &FileError{FileBinary, "the file is not text: lists are CSV, TSV or XLSX files"}
	}
	a := &asciiFirst{b: b}
	if err := a.decide(); err != nil {
		return nil, "", err
	}
	return a, a.name, nil
}

func controls(b []byte) (n int) {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			n++
		}
	}
	return n
}

// utf16WithoutMark recognises UTF-16 by where its zero bytes are; other text has hardly any.
func utf16WithoutMark(b *bufio.Reader, head []byte) (io.Reader, string, bool) {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch many := len(head) / 10; {
	case zeros[1] > many && zeros[0] <= zeros[1]/20:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(b), encodingUTF16LE, true
	case zeros[0] > many && zeros[1] <= zeros[0]/20:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(b), encodingUTF16BE, true
	}
	return nil, "", false
}

// asciiFirst passes ASCII through and, at the first other byte, chooses between UTF-8 and GB18030 by what follows.
type asciiFirst struct {
	b    *bufio.Reader
	name string
	rest io.Reader // once decided
}

// decide looks at what is buffered and chooses when it has a byte to choose by.
func (a *asciiFirst) decide() error {
	head, _ := a.b.Peek(sniff) // an error shows again at the next Read
	i := bytes.IndexFunc(head, func(r rune) bool { return r >= utf8.RuneSelf })
	if i < 0 {
		a.name = encodingUTF8
		return nil
	}
	if validUTF8(head[i:]) {
		a.name, a.rest = encodingUTF8, a.b
		return nil
	}
	own, valid, broken := partedLines(head)
	name := encodingGB
	if looksLikeBig5(own) {
		name = encodingBig5
	}
	text, _, err := transform.Bytes(decoders[name](), own)
	switch bad := bytes.Count(text, replacement); {
	case valid > 2*broken: // UTF-8 for the most part: the other rows are rejected
		a.name, a.rest = encodingUTF8, a.b
	case err == nil && bad <= 1+len(text)/200 && pairs(own):
		a.name, a.rest = name, oneEncoding(a.b, name)
	case bytes.Count(bytes.ToValidUTF8(head[i:], replacement), replacement) <= fewBroken:
		a.name, a.rest = encodingUTF8, a.b
	default:
		return &FileError{FileEncoding, "the file is neither UTF-8 nor GB18030 nor Big5 text: save it as UTF-8"}
	}
	return nil
}

// looksLikeBig5 tells Big5 from GBK by the second bytes of the characters: in Big5 two fifths of them are below 0x7f, in
// ordinary GBK text hardly any; and in Big5 none is between 0x80 and 0xa0.
func looksLikeBig5(b []byte) bool {
	var low, all int
	for i := 0; i+1 < len(b); i++ {
		if b[i] < 0x81 {
			continue
		}
		switch second := b[i+1]; {
		case second >= 0x40 && second <= 0x7e && b[i] >= 0xa1 && b[i] <= 0xf9:
			low++
		case second < 0xa1:
			return false
		}
		all++
		i++
	}
	return low*8 > all
}

var replacement = []byte("\ufffd")

// pairs reports whether bytes above ASCII mostly come in twos, as Chinese characters do and accented letters do not.
func pairs(b []byte) bool {
	var two, one int
	for i := 0; i < len(b); i++ {
		if b[i] < utf8.RuneSelf {
			continue
		}
		if i+1 < len(b) && b[i+1] >= utf8.RuneSelf {
			two++
		} else {
			one++
		}
		i++
	}
	return two > one
}

// validUTF8 allows for a character that is cut off at the end.
func validUTF8(b []byte) bool {
	for i := 0; i < utf8.UTFMax && i < len(b); i++ {
		if utf8.Valid(b[:len(b)-i]) {
			return true
		}
	}
	return false
}

// Read implements io.Reader.
func (a *asciiFirst) Read(p []byte) (int, error) {
	if a.rest != nil {
		return a.rest.Read(p)
	}
	head, err := a.b.Peek(min(len(p), sniff))
	if len(head) == 0 {
		return 0, err
	}
	n := bytes.IndexFunc(head, func(r rune) bool { return r >= utf8.RuneSelf })
	switch {
	case n < 0:
		n = len(head)
	case n == 0:
		if err := a.decide(); err != nil {
			return 0, err
		}
		return a.rest.Read(p)
	}
	return a.b.Read(p[:n])
}
