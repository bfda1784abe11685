package dialer

import "github.com/dialtide/dialtide/dialer/call"

// stage is what a call means to those who watch and to those who wait for it.
type stage uint8

const (
	over    stage = iota
	pending       // claimed, dialling, ringing or screening: an answer may come
	waiting       // answered, no agent yet
	seated        // has an agent
	closing       // message or hang-up: needs nobody any more
	stages
)

var stageOf = [call.States]stage{
	call.Dialing: pending, call.Ringing: pending, call.Screening: pending,
	call.Waiting:    waiting,
	call.Connecting: seated, call.Talking: seated,
	call.Messaging: closing, call.Closing: closing,
}
