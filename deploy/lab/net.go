package lab

import (
	"errors"
	"fmt"
	"net"
)

// Net is a loopback network 127.77.N.0/24 that belongs to this process while it lives.
type Net struct {
	n    int
	hold net.Listener // the reservation
}

// netPort is where the reservation of a network listens, on its address .254. The kernel takes it back when the process
// ends, in whatever way, and it works between users.
const netPort = 47077

// ReserveNet takes the first of 127.77.1.0/24 to 127.77.250.0/24 that no other process holds.
func ReserveNet() (*Net, error) {
	for n := 1; n <= 250; n++ {
		l, err := net.Listen("tcp4", fmt.Sprintf("127.77.%d.254:%d", n, netPort))
		if err == nil {
			return &Net{n: n, hold: l}, nil
		}
	}
	return nil, errors.New("no loopback network 127.77.N.0/24 is free: too many tests run at once")
}

// Release gives the network back.
func (n *Net) Release() error { return n.hold.Close() }

// IP is the address 127.77.N.host.
func (n *Net) IP(host int) string { return fmt.Sprintf("127.77.%d.%d", n.n, host) }

// PG is host:port for PostgreSQL.
func (n *Net) PG() string { return n.IP(1) + ":5432" }

// Redis is host:port for Redis.
func (n *Net) Redis() string { return n.IP(2) + ":6379" }

// HTTP is host:port for the API of the program under test.
func (n *Net) HTTP() string { return n.IP(3) + ":8080" }

// Asterisk is the address of the i-th Asterisk (0 to 19), for SIP, voice and ARI.
func (n *Net) Asterisk(i int) string { return n.IP(10 + i) }

// Carrier is the address of the i-th simulated carrier (0 to 19).
func (n *Net) Carrier(i int) string { return n.IP(30 + i) }

// Agents is the address of the i-th host of agents' phones (0 to 49).
func (n *Net) Agents(i int) string { return n.IP(50 + i) }
