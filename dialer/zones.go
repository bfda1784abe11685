package dialer

import (
	"sync"
	"time"
)

// zones caches time zones, which are read from files: nothing on the way from an answer to its bridge may wait for a disk.
var zones sync.Map // name -> *time.Location; nil: there is no such zone

func zoneOf(name string) *time.Location {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		z = nil
	}
	zones.Store(name, z)
	return z
}

// warmZones loads the zones of contacts that are about to be called.
func warmZones(names []string) {
	if len(names) > 0 {
		zoneOf(names[0])
	}
}
