package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
)

// Contacts in the demo list, and rows in its file that cannot be dialled, so that the report has something to show.
const (
	goodRows   = 2000
	brokenRows = 6
	perArea    = 100 // 555-0100 to 555-0199
)

// areaCodes are twenty North American area codes in seven time zones; 555-01xx is kept for fiction in each of them.
var areaCodes = []string{"206", "213", "312", "305", "404", "415", "503", "512", "602", "612",
	"617", "702", "713", "718", "801", "808", "901", "904", "916", "917"}

var (
	firstNames = []string{"Ada", "Bruno", "Carmen", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Ingrid", "Jamal",
		"Keiko", "Liam", "Marta", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Samuel", "Tara", "Umar", "Vera", "Wanda", "Yusuf"}
	lastNames = []string{"Abbott", "Becker", "Castillo", "Dimitrov", "Eriksen", "Fontaine", "Greene", "Haddad", "Ivanova",
		"Jensen", "Kowalski", "Lombardi", "Mensah", "Novak", "Okafor", "Petersen", "Quinn", "Rossi", "Schmidt", "Tanaka"}
	familyZH = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "欧阳", "司马"}
	givenZH  = []string{"伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "娟", "涛", "明", "超", "秀兰"}
	tariffs  = []string{"Basic", "Green", "Night", "Family"}
)

// writeContacts writes the demo list as CSV; the same seed gives the same people.
func writeContacts(w io.Writer, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	out := csv.NewWriter(w)
	rows := [][]string{{"phone", "name", "tariff", "monthly_bill", "customer_since"}}
	for i := range goodRows {
		phone := fmt.Sprintf("(%s) 555-%04d", areaCodes[i/perArea], 100+i%perArea)
		rows = append(rows, []string{phone, personName(r), tariffs[r.IntN(len(tariffs))],
			fmt.Sprintf("%d.%02d", 30+r.IntN(170), r.IntN(100)), fmt.Sprint(2008 + r.IntN(18))})
	}
	people := rows[1:]
	r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	for i := range brokenRows {
		rows = append(rows, []string{[]string{"", "12", "call me", "555-01", "${EXTEN}", "+1"}[i], personName(r), "", "", ""})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write demo list: %w", err)
	}
	return nil
}

func personName(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return familyZH[r.IntN(len(familyZH))] + givenZH[r.IntN(len(givenZH))]
	}
	return firstNames[r.IntN(len(firstNames))] + " " + lastNames[r.IntN(len(lastNames))]
}
