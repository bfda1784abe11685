package importer

import (
	"archive/zip"
	"math"
	"strconv"
	"strings"
	"time"
)

// dateStyle is how a style shows a number as a moment.
type dateStyle uint8

const (
	noDate dateStyle = iota
	dayOnly
	dayAndTime
	timeOnly
)

// readStyles finds the cell styles that show numbers as dates.
func readStyles(f *zip.File) ([]dateStyle, error) {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := readSmall(f, &styles); err != nil {
		return nil, err
	}
	custom := map[int]dateStyle{}
	for _, x := range styles.Formats {
		custom[x.ID] = styleOf(x.Code)
	}
	out := make([]dateStyle, len(styles.Cells))
	for i, c := range styles.Cells {
		style, ok := custom[c.Format]
		if !ok {
			style = builtIn(c.Format)
		}
		out[i] = style
	}
	return out, nil
}

// builtIn are the formats that every workbook has, those of Chinese, Japanese and Korean ones included.
func builtIn(format int) dateStyle {
	switch {
	case format == 22:
		return dayAndTime
	case format >= 14 && format <= 17, format >= 27 && format <= 31, format == 36, format >= 50 && format <= 54, format == 57, format == 58:
		return dayOnly
	case format >= 18 && format <= 21, format >= 32 && format <= 35, format >= 45 && format <= 47, format == 55, format == 56:
		return timeOnly
	}
	return noDate
}

// styleOf reads a format like yyyy"年"m"月"d"日" or [$-409]m/d/yy h:mm AM/PM.
func styleOf(code string) dateStyle {
	var day, clock bool
	code, _, _ = strings.Cut(code, ";")
	if strings.EqualFold(code, "General") || strings.EqualFold(code, "Standard") {
		return noDate
	}
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return noDate
			}
			if inside := strings.ToLower(code[i+1 : i+end]); inside == "h" || inside == "hh" || inside == "m" || inside == "mm" || inside == "s" {
				clock = true
			}
			i += end
		case '\\', '_', '*':
			i++
		case 'y', 'Y', 'd', 'D':
			day = true
		case 'h', 'H', 's', 'S':
			clock = true
		case 'E', '0', '#', '?', '@':
			if !day && !clock {
				return noDate
			}
		}
	}
	switch {
	case day && clock:
		return dayAndTime
	case day:
		return dayOnly
	case clock:
		return timeOnly
	}
	return noDate
}

// date is the moment that a number of days stands for.
func (x *xlsxRecords) date(raw string, style dateStyle) (string, bool) {
	days, err := strconv.ParseFloat(raw, 64)
	if err != nil || days < 0 || days > 2_958_466 || math.IsNaN(days) {
		return "", false
	}
	whole, part := math.Modf(days)
	at := x.epoch.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*86400)) * time.Second)
	switch {
	case style == timeOnly && whole == 0:
		return at.Format("15:04:05"), true
	case style == dayOnly || part == 0:
		return at.Format(time.DateOnly), true
	}
	return at.Format(time.DateTime), true
}
