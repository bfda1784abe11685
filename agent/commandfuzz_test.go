package agent

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// soundCommands is one sound example of every command, with as much in it as fits.
func soundCommands() map[string]string {
	id := `"` + uuid.NewSHA1(uuid.NameSpaceOID, []byte("x")).String() + `"`
	call := `{"attempt_id":` + id + `}`
	return map[string]string{
		"login": `{"campaign_id":` + id + `}`, "logout": `null`, "ready": `{}`, "not_ready": `{"reason":"lunch","in_seconds":60}`,
		"hangup": call, "dnc": call,
		"dispose": `{"attempt_id":` + id + `,"code":"callback","note":"a\r\nb","callback_at":"2026-01-01T10:00:00.5+08:00","callback_mine":true,
			"fields":{"plan":"gold","e\u0301":"\ud83d\ude00"},"follow_up":"by post"}`,
		"preview_accept": `{"offer_id":` + id + `}`, "preview_skip": `{"offer_id":` + id + `,"reason":"\u202e<b>"}`,
		"dial": `{"number":"+1 (206) 555-0101"}`, "more_wrap_up": ``, "next_pause": `{"reason":""}`,
		"draft": `{"attempt_id":` + id + `,"key":"note","value":"typed"}`, "set_fields": `{"attempt_id":` + id + `,"fields":{"a":"b"}}`,
		"answer":    `{"attempt_id":` + id + `,"step":"a","question":"q","value":{"x":[1,null,"y"]},"spent_ms":1500}`,
		"script_go": `{"attempt_id":` + id + `,"step":""}`, "script_read": `{"attempt_id":` + id + `,"step":"a"}`, "script_resume": call,
		TalkHold: `{"attempt_id":` + id + `,"on":true}`, TalkMute: `{"attempt_id":` + id + `,"on":false}`, TalkDigits: `{"attempt_id":` + id + `,"digits":"12*#"}`,
		TalkBlind:   `{"attempt_id":` + id + `,"to":{"kind":"outside","number":"+12065550101"},"note":"wants the offer"}`,
		TalkConsult: `{"attempt_id":` + id + `,"to":{"kind":"agent","agent_id":` + id + `}}`, TalkCancel: call, TalkComplete: call, TalkThree: call, TalkLeave: call,
		TalkPark: call, TalkRetrieve: call,
	}
}

// TestEveryCommandHasItsExample: what the decoder knows is what the fuzz begins with, each in the shape that it takes.
func TestEveryCommandHasItsExample(t *testing.T) {
	for name, data := range soundCommands() {
		r, bad := parse(Command{ID: uuid.New(), Name: name, Data: json.RawMessage(data)})
		require.Nil(t, bad, name)
		require.NotNil(t, r, name)
	}
	require.GreaterOrEqual(t, len(soundCommands()), 29)
}

// hostileData are shapes that no page sends.
var hostileData = []string{`{}{}`, `{`, `[]`, `"x"`, `0`, `[[[[[[`, `{"Reason":"lunch","reason":"break"}`, "\xff\xfe", "\x00", `{"reason":"\u0000"}`,
	`{"attempt_id":"00000000-0000-0000-0000-000000000000"}`, `{"attempt_id":5}`, `{"attempt_id":"urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"}`,
	`{"in_seconds":1e999}`, `{"reason":"x","in_seconds":-1}`, `{"value":null}`, `{"to":{"kind":"outside","number":"1","agent_id":null}}`, `{"to":[]}`, `{"on":null}`,
	`{"fields":{"a":null}}`, `{"fields":null}`, `{"callback_at":"2026-02-30T25:61:00Z"}`, `{"callback_at":"99999-01-01T00:00:00Z"}`, `{"__proto__":{}}`,
	`{"code":"${SHELL(id)}","note":"\ud800"}`}

// spoiled is a command with one text after the other replaced.
func spoiled(data, text string) (all [][]byte) {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(data), &fields) != nil {
		return nil
	}
	for k, v := range fields {
		if v[0] != '"' {
			continue
		}
		fields[k] = json.RawMessage(`"` + text + `"`)
		raw, err := json.Marshal(fields)
		if err == nil {
			all = append(all, raw)
		}
		fields[k] = v
	}
	return all
}

// FuzzCommand: whatever a page sends, it is refused with a known code or understood; nothing panics. What is understood keeps its
// bounds, is the same when it is written and read again, and would be refused with one field more or anything behind it.
func FuzzCommand(f *testing.F) {
	for name, data := range soundCommands() {
		f.Add(name, []byte(data))
		for _, text := range []string{`\u0000`, strings.Repeat("字", 5000)} {
			for _, one := range spoiled(data, text) {
				f.Add(name, one)
			}
		}
		for i, bad := range hostileData {
			if (i+len(name))%5 == 0 {
				f.Add(name, []byte(bad))
			}
		}
	}
	f.Add("x", []byte(`{`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		r, bad := parse(Command{ID: uuid.New(), Name: name, Data: data})
		if bad != nil {
			refusedClearly(t, bad)
			return
		}
		if r == nil {
			t.Fatal("neither understood nor refused")
		}
		boundsKept(t, reflect.ValueOf(r))
		raw, err := json.Marshal(r)
		require.NoError(t, err)
		again, bad := parse(Command{ID: uuid.New(), Name: name, Data: written(t, r, raw)})
		require.Nil(t, bad, "%s", raw)
		twice, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(twice))
		if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '{' {
			more := append([]byte(`{"no_such_field":1,`), trimmed[1:]...)
			if bytes.Equal(bytes.TrimSpace(trimmed[1:]), []byte("}")) {
				more = []byte(`{"no_such_field":1}`)
			}
			mustRefuse(t, name, more)
			mustRefuse(t, name, append(bytes.Clone(trimmed), "{}"...))
			mustRefuse(t, name, append([]byte("["), append(bytes.Clone(trimmed), ']')...))
		}
		mustRefuse(t, name+"_", data)
	})
}

// written is the request as a page would write it: without what it does not say.
func written(t *testing.T, r request, raw []byte) []byte {
	t.Helper()
	if d, ok := r.(*talkData); ok && d.To == nil {
		return raw
	}
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &fields))
	for k, v := range fields {
		if string(v) == "null" && k != "value" {
			delete(fields, k)
		}
	}
	out, err := json.Marshal(fields)
	require.NoError(t, err)
	return out
}

func refusedClearly(t *testing.T, bad *CommandError) {
	t.Helper()
	switch bad.Code {
	case CodeBadData, CodeUnknownCommand, CodeTargetNotAllowed:
	default:
		t.Fatalf("unknown code %+v", bad)
	}
	if bad.Message == "" || len(bad.Message) > 200 || !utf8.ValidString(bad.Message) {
		t.Fatalf("unclear refusal %+v", bad)
	}
}

func mustRefuse(t *testing.T, name string, data []byte) {
	t.Helper()
	r, bad := parse(Command{ID: uuid.New(), Name: name, Data: data})
	if bad == nil {
		t.Fatalf("%s %q was understood as %+v", name, data, r)
	}
	refusedClearly(t, bad)
}

// boundsKept looks at every text of a request: the database can hold it, and it is no longer than a command. An id of
// a call or an offer is never missing.
func boundsKept(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			boundsKept(t, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				if (f.Name == "AttemptID" || f.Name == "OfferID") && v.Field(i).IsZero() {
					t.Fatalf("%s has no %s", v.Type(), f.Name)
				}
				boundsKept(t, v.Field(i))
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			boundsKept(t, k)
			boundsKept(t, v.MapIndex(k))
		}
	case reflect.String:
		if s := v.String(); !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > maxData {
			t.Fatalf("a text that may not be stored: %q", s)
		}
	}
}
