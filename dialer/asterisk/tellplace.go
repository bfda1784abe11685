package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// Sounds of Asterisk's own collection (asterisk-core-sounds) by which its queues tell a caller his place.
const (
	soundNext  = "queue-youarenext"   // "you are next in line"
	soundPlace = "queue-thereare"     // "you are currently caller number"
	soundWaits = "queue-callswaiting" // "waiting to speak with a representative"
)

var _ dialer.Teller = (*Adapter)(nil)

// maxPlace is the greatest place that is told: nobody is helped by a larger number.
const maxPlace = 1000

// tellSpace makes the ids of what is played to one who waits, so that it can be ended without asking for it.
var tellSpace = uuid.MustParse("c7b0c1de-0f7a-4f0e-9d0e-4a5f2f6f3b21")

func playbackOf(customer uuid.UUID) string { return uuid.NewSHA1(tellSpace, customer[:]).String() }

// Place tells a customer who waits with music which place he has, 1 is the next one; the music goes on afterwards. One who is gone is no error.
func (a *Adapter) Place(ctx context.Context, customer uuid.UUID, place int) error {
	if place < 1 || place > maxPlace {
		return errors.New("asterisk: no place to be told")
	}
	media := "sound:" + soundNext
	if place > 1 {
		media = "sound:" + soundPlace + ",number:" + strconv.Itoa(place) + ",sound:" + soundWaits
	}
	return a.playTo(ctx, "place", customer, media)
}

// Ringback lets a customer who waits hear ringing in place of music, until Hush. One who is gone is no error.
func (a *Adapter) Ringback(ctx context.Context, customer uuid.UUID) error {
	return a.playTo(ctx, "ringback", customer, "tone:ring")
}

func (a *Adapter) playTo(ctx context.Context, op string, customer uuid.UUID, media string) error {
	if err := a.Hush(ctx, customer); err != nil { // else this would wait for the end of what is played
		return err
	}
	err := a.do(ctx, call{op: op, method: http.MethodPost, path: a.channelPath(customer) + "/play/" + playbackOf(customer), query: url.Values{"media": {media}}}, nil)
	if gone(err) {
		return nil
	}
	return err
}

// Hush ends at once what Place or Ringback play. Until they have ended the customer cannot be joined to anybody.
func (a *Adapter) Hush(ctx context.Context, customer uuid.UUID) error {
	err := a.do(ctx, call{op: "hush", method: http.MethodDelete, path: "/playbacks/" + playbackOf(customer)}, nil)
	if status(err) == http.StatusNotFound {
		return nil
	}
	return err
}
