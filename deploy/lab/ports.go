package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ClaimPort fails when something else listens on addr (host:port, TCP); the error names it and says what to do. It waits a moment for
// a predecessor that is just ending.
func ClaimPort(ctx context.Context, what, addr string) error {
	return claimPort(ctx, what, "tcp", addr, time.Second)
}

// claimPort fails when addr (host:port) is taken. It waits up to grace, because a predecessor in the same folder may just be
// ending. network is tcp or udp.
func claimPort(ctx context.Context, server, network, addr string, grace time.Duration) error {
	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := tryPort(ctx, network, addr)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return fmt.Errorf("%s cannot listen on %s/%s: %s; end that program and start again", server, addr, network, portHolder(network, addr, err))
		case <-tick.C:
		}
	}
}

func tryPort(ctx context.Context, network, addr string) error {
	var lc net.ListenConfig
	if network == "udp" {
		c, err := lc.ListenPacket(ctx, network, addr)
		if err != nil {
			return err
		}
		return c.Close()
	}
	l, err := lc.Listen(ctx, network, addr)
	if err != nil {
		return err
	}
	return l.Close()
}

// portHolder names the program that has addr, as far as this user may know it.
func portHolder(network, addr string, cause error) string {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil || !strings.Contains(cause.Error(), "address already in use") {
		return cause.Error()
	}
	inodes := socketInodes(network, ap)
	procs, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil || len(inodes) == 0 {
		return "the port is taken"
	}
	for _, fd := range procs {
		target, err := os.Readlink(fd)
		if err != nil || !inodes[target] {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			continue
		}
		return fmt.Sprintf("the port is taken by %s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return "the port is taken by a program of another user"
}

// socketInodes are the names ("socket:[N]") of IPv4 sockets bound to addr or to all addresses at its port.
func socketInodes(network string, addr netip.AddrPort) map[string]bool {
	out := map[string]bool{}
	f, err := os.Open("/proc/net/" + network)
	if err != nil {
		return out
	}
	defer f.Close()
	a4 := addr.Addr().As4()
	mine := fmt.Sprintf("%02X%02X%02X%02X:%04X", a4[3], a4[2], a4[1], a4[0], addr.Port())
	all := fmt.Sprintf("00000000:%04X", addr.Port())
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) > 9 && (fields[1] == mine || fields[1] == all) && (network == "udp" || fields[3] == "0A") {
			out["socket:["+fields[9]+"]"] = true
		}
	}
	return out
}
