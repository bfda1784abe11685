package asterisk

import (
	"context"
	"net/http"
	"slices"
)

// checkSounds looks for the messages that campaigns play, the dialplan's own among them. The switch reads its folders when it is
// asked. What else is on its disk (music on hold, the folder for recordings) it does not tell over ARI.
func (a *Adapter) checkSounds(ctx context.Context, messages []string) []Finding {
	const subject = "message "
	var all []struct {
		ID string `json:"id"`
	}
	if err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/sounds"}, &all); err != nil {
		return []Finding{{Subject: subject + soundDefault, Severity: Warning, Text: "it cannot be told whether the switch has the safe-harbor message: " + err.Error(), Advice: "load res_ari_sounds.so"}}
	}
	there := make(map[string]bool, len(all))
	for _, s := range all {
		there[s.ID] = true
	}
	var found []Finding
	wanted := append([]string{soundDefault}, messages...)
	slices.Sort(wanted)
	for _, name := range slices.Compact(wanted) {
		f := Finding{Subject: subject + name, Severity: Failure}
		switch {
		case there[name]:
			f.Severity, f.Text = Good, "the switch has the sound of the safe-harbor message"
		case !soundPattern.MatchString(name):
			f.Text, f.Advice = "is no name of a sound", "correct the message in the campaign's settings: "+soundPattern.String()
		case name == soundDefault:
			f.Text = "the switch has no such sound: a callee whom no agent can take would hear nothing, a silent call"
			f.Advice = "put your name and number into deploy/asterisk/sounds/sounds.txt and run `make-sounds.sh sounds.txt /usr/share/asterisk/sounds/en/dialtide /usr/share/asterisk/moh` on Asterisk's machine (astdatadir in asterisk.conf, if it is another)"
		default:
			f.Text = "the switch has no such sound: a callee of a campaign with this message would hear nothing, a silent call"
			f.Advice = "put the file (8 kHz, mono, such as mu-law) below sounds/en of Asterisk's astdatadir, or choose another message in the campaign's settings"
		}
		found = append(found, f)
	}
	return append(found, placeSounds(there)...)
}

// placeSounds looks for the sounds by which waiting callers are told their place. Without them they hear the music alone.
func placeSounds(there map[string]bool) []Finding {
	for _, name := range []string{soundNext, soundPlace, soundWaits} {
		if !there[name] {
			return []Finding{{Subject: "sound " + name, Severity: Warning, Text: "the switch has no such sound: people who call back and wait are not told their place in line",
				Advice: "install Asterisk's core sounds (asterisk-core-sounds-en), or leave calls to the caller ID unanswered"}}
		}
	}
	return nil
}
