package quality

import "math"

// quantiles of Student's t distribution at 0.975 for 1 to 30 degrees of freedom.
var quantiles = [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101,
	2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042}

// quantile is that of Student's t distribution at 0.975; above 30 degrees of freedom by the first terms of its expansion around the normal
// one (Abramowitz and Stegun, 26.7.5), which is right to three decimals there.
func quantile(df int) float64 {
	if df <= len(quantiles) {
		return quantiles[df-1]
	}
	const z = 1.959964
	n := float64(df)
	return z + (z*z*z+z)/(4*n) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*n*n)
}

// Half is half of the 95 % confidence interval of a mean of n values with standard deviation sd. false: one value says nothing of
// how far the next may be.
func Half(n int, sd float64) (float64, bool) {
	if n < 2 {
		return 0, false
	}
	return quantile(n-1) * sd / math.Sqrt(float64(n)), true
}
