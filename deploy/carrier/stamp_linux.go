package carrier

import (
	"encoding/binary"
	"errors"
	"net"
	"syscall"
	"time"
)

// stampArrivals asks the kernel for the arrival time of each packet, so that a busy reader does not add to it.
func stampArrivals(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	return errors.Join(err, failed)
}

// arrival reads the kernel's time of a packet from its control message (cmsghdr, then a timespec, both of
// 64-bit Linux), or takes the time of reading.
func arrival(control []byte) time.Time {
	const header = 16
	if syscall.SizeofCmsghdr != header || len(control) < header+16 {
		return time.Now()
	}
	native := binary.NativeEndian
	if native.Uint32(control[8:]) != syscall.SOL_SOCKET || native.Uint32(control[12:]) != syscall.SO_TIMESTAMPNS {
		return time.Now()
	}
	return time.Unix(int64(native.Uint64(control[header:])), int64(native.Uint64(control[header+8:])))
}
