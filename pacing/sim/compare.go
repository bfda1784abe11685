package sim

import (
	"runtime"
	"sync"
)

// Runs simulates the scenario once per seed with a fresh pacer each and merges the results, in the order of the seeds. It uses
// all processors; what comes out does not depend on how many there are.
func Runs(s *Scenario, seeds []uint64, c Contender) *Result {
	each := make([]*Result, len(seeds))
	parallel(len(seeds), func(i int) { each[i] = Run(s, seeds[i], c.New(s, seeds[i])) })
	var sum *Result
	for _, r := range each {
		if sum == nil {
			sum = r
			continue
		}
		if err := sum.Merge(r); err != nil {
			return sum // cannot be: they are of one scenario
		}
	}
	if sum != nil {
		sum.Pacer = c.Name
	}
	return sum
}

// Compare runs each contender with the same seeds.
func Compare(s *Scenario, seeds []uint64, cs ...Contender) []*Result {
	all := make([]*Result, len(cs))
	for i, c := range cs {
		all[i] = Runs(s, seeds, c)
	}
	return all
}

// Seeds are n seeds from the first on.
func Seeds(first uint64, n int) []uint64 {
	s := make([]uint64, n)
	for i := range s {
		s[i] = first + uint64(i)
	}
	return s
}

// parallel calls f for 0 to n-1 on all processors.
func parallel(n int, f func(int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
