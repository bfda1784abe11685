package experiment

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// MaxBlock bounds the block of a permuted-block draw: the sum of the weights after they were divided by what they have in common.
const MaxBlock = 1000

// Assigner draws arms for contacts that come one after another. It is not safe for concurrent use.
type Assigner struct {
	seed   uint64
	block  []int // arms of one block, in order
	strata map[string]*stratum
}

type stratum struct {
	rng  *rand.Rand
	left []int
}

// NewAssigner draws by weights, which are 1 or more each, and whose sum, after what they have in common was taken out, is at most
// MaxBlock; else it returns nil.
func NewAssigner(seed uint64, weights []int) *Assigner {
	common, sum := 0, 0
	for _, w := range weights {
		if w < 1 {
			return nil
		}
		common = gcd(common, w)
		sum += w
	}
	if common == 0 || sum/common > MaxBlock {
		return nil
	}
	a := &Assigner{seed: seed, strata: map[string]*stratum{}}
	for arm, w := range weights {
		for range w / common {
			a.block = append(a.block, arm)
		}
	}
	return a
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Next is the arm of the next contact of a stratum.
func (a *Assigner) Next(name string) int {
	s := a.strata[name]
	if s == nil {
		var seed [8]byte
		binary.BigEndian.PutUint64(seed[:], a.seed)
		s = &stratum{rng: rand.New(rand.NewChaCha8(sha256.Sum256(append(seed[:], name...))))} //nolint:gosec // a draw that is to be repeated
		a.strata[name] = s
	}
	if len(s.left) == 0 {
		s.left = append(s.left[:0], a.block...)
		s.rng.Shuffle(len(s.left), func(i, j int) { s.left[i], s.left[j] = s.left[j], s.left[i] })
	}
	arm := s.left[len(s.left)-1]
	s.left = s.left[:len(s.left)-1]
	return arm
}
