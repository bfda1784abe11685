package api

// RouteInfo is one row of the route table, for tests of the whole table.
type RouteInfo struct {
	Method, Path, ID string
	Public, Hidden   bool
	Roles            []Role
}

// RouteTable returns the route table.
func RouteTable() []RouteInfo {
	var all []RouteInfo
	for _, r := range table() {
		all = append(all, RouteInfo{r.method, r.path, r.id, r.access.public, r.hidden, r.access.roles})
	}
	return all
}
