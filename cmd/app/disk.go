package app

import (
	"context"
	"math"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dialtide/dialtide/api/alert"
	"github.com/dialtide/dialtide/recording"
)

const (
	diskLook = 5 * time.Second
	diskBad  = 5.0  // percent free: less is an alert
	diskDire = 1.0  // and less than this a critical one
	diskGood = 10.0 // more ends it
)

// watchDisks tells supervisors when a disk that this process writes to fills up, and when recordings are not made or kept. How
// spool and store of recordings stand the archive says itself: its steps are those that stop calls.
func (p *parts) watchDisks(ctx context.Context) error {
	tick := time.NewTicker(diskLook)
	defer tick.Stop()
	for {
		for _, r := range tapeReadings(p.cfg.Node, p.archive.Health()) {
			alert.Report(p.hub, p.cfg.Node, r)
		}
		var fs unix.Statfs_t
		if err := unix.Statfs(p.cfg.Uploads, &fs); err == nil && fs.Blocks > 0 { // who needs the folder says when it is gone
			alert.Report(p.hub, p.cfg.Node, diskReading(p.cfg.Node, "uploads", 100*float64(fs.Bavail)/float64(fs.Blocks)))
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

// tapeReadings says how recordings stand at a node: whether they are made and kept, and how full the disks of spool and store are.
// Before the archive's first look it says nothing.
func tapeReadings(node string, h recording.Health) []alert.Reading {
	if h.At.IsZero() {
		return nil
	}
	made := alert.Reading{Kind: alert.NoRecordings, Object: "node:" + node, Name: node, Severity: alert.Warning, Code: "tape_" + h.Why,
		Args: map[string]any{"missing": h.Missing, "waiting": h.SpoolFiles, "tries": h.StoreFailed}}
	switch {
	case h.State == recording.Failing:
		made.Level, made.Severity = alert.Bad, alert.Critical
	case h.Why == "missing", h.Why == "store_away":
		made.Level = alert.Bad
	}
	return []alert.Reading{made, folderReading(node, "spool", h.Why, h.SpoolFree, h.SpoolTotal), folderReading(node, "store", h.Why, h.StoreFree, h.StoreTotal)}
}

// folderReading says how the disk of one folder of the archive stands. why is the archive's own word, which alone raises it; when
// that names something worse, the share of free space keeps what was raised from ending early.
func folderReading(node, folder, why string, free, total uint64) alert.Reading {
	share := 100.0
	if total > 0 {
		share = 100 * float64(free) / float64(total)
	}
	r := alert.Reading{Kind: alert.Disk, Object: "node:" + node + "/" + folder, Name: folder + " (" + node + ")", Severity: alert.Warning, Code: "disk_low",
		Args: map[string]any{"percent": math.Floor(share)}}
	is, ours := strings.CutPrefix(why, folder+"_")
	switch {
	case ours && is == "full":
		r.Level, r.Severity = alert.Bad, alert.Critical
	case ours && is == "low":
		r.Level = alert.Bad
	case share < diskGood:
		r.Level = alert.Between
	}
	return r
}
