package app

import (
	"context"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dialtide/dialtide/api/alert"
)

const (
	diskLook = 5 * time.Second
	diskBad  = 5.0  // percent free: less is an alert
	diskDire = 1.0  // and less than this a critical one
	diskGood = 10.0 // more ends it
)

// watchDisks tells supervisors when a disk that this process writes to fills up.
func (p *parts) watchDisks(ctx context.Context) error {
	tick := time.NewTicker(diskLook)
	defer tick.Stop()
	for {
		for what, dir := range map[string]string{"recordings": p.cfg.Recordings, "spool": p.cfg.Spool, "uploads": p.cfg.Uploads} {
			var fs unix.Statfs_t
			if err := unix.Statfs(dir, &fs); err != nil || fs.Blocks == 0 {
				continue // who needs the folder says so
			}
			alert.Report(p.hub, p.cfg.Node, diskReading(p.cfg.Node, what, 100*float64(fs.Bavail)/float64(fs.Blocks)))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// diskReading says how a disk stands of which so many percent are free.
func diskReading(node, what string, free float64) alert.Reading {
	r := alert.Reading{Kind: alert.Disk, Object: "node:" + node + "/" + what, Name: what + " (" + node + ")", Severity: alert.Warning, Code: "disk_low",
		Args: map[string]any{"percent": math.Floor(free)}}
	switch {
	case free < diskDire:
		r.Level, r.Severity = alert.Bad, alert.Critical
	case free < diskBad:
		r.Level = alert.Bad
	case free < diskGood:
		r.Level = alert.Between
	}
	return r
}
