package report

import (
	"math"

	"github.com/dialtide/dialtide/lists"
)

// Text is a text in both languages.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Unit says how a number is written.
type Unit string

const (
	Count   Unit = "count"
	Share   Unit = "share"   // 0 to 1
	Seconds Unit = "seconds" // of one thing
	Hours   Unit = "hours"
	Minutes Unit = "minutes"
	Money   Unit = "money" // in the report's currency
)

// KPI is a number of a report with its meaning. Formula is what Value computes, in words that stand beside the number.
type KPI struct {
	ID      string `json:"id"`
	Unit    Unit   `json:"unit" enum:"count,share,seconds,hours,minutes,money"`
	Name    Text   `json:"name"`
	Formula Text   `json:"formula"`

	value func(f *Figures) float64
}

// Figures are what a row's KPIs are computed from.
type Figures struct {
	Sums
	Cost    Cost
	Touched int64 // records that were dialled for the first time up to the period's end
	Loaded  int64 // records of the lists now; 0: the grouping does not tell
}

// Cost is what a row cost and earned. Known is false when a campaign in it has no cost settings, or currencies differ.
type Cost struct {
	Data, Labour, Telephony, Commission, Fulfilment, Revenue float64
	Known                                                    bool
}

func (c Cost) total() float64 {
	return c.Data + c.Labour + c.Telephony + c.Commission + c.Fulfilment
}

func (c *Cost) add(o Cost) {
	c.Data, c.Labour, c.Telephony = c.Data+o.Data, c.Labour+o.Labour, c.Telephony+o.Telephony
	c.Commission, c.Fulfilment, c.Revenue = c.Commission+o.Commission, c.Fulfilment+o.Fulfilment, c.Revenue+o.Revenue
}

// less takes a part away. What is left of a difference of equal sums is nothing.
func (c *Cost) less(o Cost) {
	c.add(Cost{Data: -o.Data, Labour: -o.Labour, Telephony: -o.Telephony, Commission: -o.Commission, Fulfilment: -o.Fulfilment, Revenue: -o.Revenue})
	c.Known = c.Known && o.Known
	for _, v := range []*float64{&c.Data, &c.Labour, &c.Telephony, &c.Commission, &c.Fulfilment, &c.Revenue} {
		if math.Abs(*v) < 1e-6 {
			*v = 0
		}
	}
}

func (s *Sums) connects() int64 { return s[Outcome(lists.Connected)] + s[Outcome(lists.Inbound)] }
func (s *Sums) login() int64 {
	return s[ReadyMS] + s[ReservedMS] + s[PreviewMS] + s[TalkingMS] + s[WrapUpMS] + s[PausedMS]
}
func (s *Sums) working() int64 { return s.login() - s[PausedMS] }
func (s *Sums) handling() int64 {
	return s[TalkMS] + s[WrapMS]
}

// ratio is NaN when there is nothing to divide by; Value makes that null.
func ratio[A, B int64 | float64](a A, b B) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

const (
	msPerHour   = 3_600_000.0
	msPerMinute = 60_000.0
)

// Value is the KPI of figures; nil when it cannot be told: nothing to divide by, no cost settings, not a thing of this grouping.
func (k *KPI) Value(f *Figures) *float64 {
	v := k.value(f)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func counted1(m Measure) func(*Figures) float64 {
	return func(f *Figures) float64 { return float64(f.Sums[m]) }
}

func share(a, b Measure) func(*Figures) float64 {
	return func(f *Figures) float64 { return ratio(f.Sums[a], f.Sums[b]) }
}

func money(of func(Cost) float64) func(*Figures) float64 {
	return func(f *Figures) float64 {
		if !f.Cost.Known {
			return math.NaN()
		}
		return of(f.Cost)
	}
}

func perMoney(of func(Cost) float64, m Measure) func(*Figures) float64 {
	return func(f *Figures) float64 {
		if !f.Cost.Known {
			return math.NaN()
		}
		return ratio(of(f.Cost), float64(f.Sums[m]))
	}
}

// KPIs are all of them, in the order of columns. There is no other place that knows a formula.
var KPIs = []KPI{
	{"attempts", Count, Text{"Attempts", "拨打次数"}, Text{"Attempts whose permit falls in the period; equals the sum of all outcomes", "许可时间在期间内的拨打次数；等于所有结果之和"}, counted1(Attempts)},
	{"connects", Count, Text{"Connects", "接通次数"}, Text{"Attempts in which a person talked with an agent: outcomes connected and inbound", "客户与坐席通话的次数：结果为“已接通”和“呼入”"}, func(f *Figures) float64 { return float64(f.connects()) }},
	{"connect_rate", Share, Text{"Connect rate", "接通率"}, Text{"Connects ÷ attempts", "接通次数 ÷ 拨打次数"}, func(f *Figures) float64 { return ratio(f.connects(), f.Sums[Attempts]) }},
	{"contacts", Count, Text{"Contacts", "有效接触"}, Text{"Attempts whose disposition says that a person was reached", "处置结果表明已接触到人的拨打次数"}, counted1(Contacts)},
	{"contact_rate", Share, Text{"Contact rate", "接触率"}, Text{"Contacts ÷ attempts", "有效接触 ÷ 拨打次数"}, share(Contacts, Attempts)},
	{"right_party", Count, Text{"Right party", "本人接听"}, Text{"Attempts whose disposition says that the person meant was reached", "处置结果表明接触到本人的拨打次数"}, counted1(RightParty)},
	{"right_party_rate", Share, Text{"Right-party rate", "本人接听率"}, Text{"Right party ÷ contacts", "本人接听 ÷ 有效接触"}, share(RightParty, Contacts)},
	{"successes", Count, Text{"Successes", "成功数"}, Text{"Attempts whose disposition is a success: a sale, an appointment", "处置结果为成功（成交、预约）的拨打次数"}, counted1(Successes)},
	{"success_rate", Share, Text{"Success rate", "成功率"}, Text{"Successes ÷ contacts", "成功数 ÷ 有效接触"}, share(Successes, Contacts)},
	{"kept_rate", Share, Text{"Appointments kept", "预约履行率"}, Text{"Agreed callbacks that were kept ÷ (kept + cancelled); open ones do not count", "已履行的约定回电 ÷（已履行 + 已取消）；未到期的不计"}, func(f *Figures) float64 { return ratio(f.Sums[Kept], f.Sums[Kept]+f.Sums[Missed]) }},
	{"refusals", Count, Text{"Refusals", "拒绝数"}, Text{"Attempts whose disposition is a refusal", "处置结果为拒绝的拨打次数"}, counted1(Refusals)},
	{"early_refusals", Count, Text{"Lost in 30 s", "30 秒内流失"}, Text{"Connects that were refused, or hung up by the callee without a success, within the first 30 seconds of talk", "通话前 30 秒内被拒绝，或客户未成功即挂断的接通"}, counted1(EarlyRefusals)},
	{"early_refusal_rate", Share, Text{"Lost in 30 s, share", "30 秒内流失率"}, Text{"Lost in 30 s ÷ connects", "30 秒内流失 ÷ 接通次数"}, func(f *Figures) float64 { return ratio(f.Sums[EarlyRefusals], f.connects()) }},
	{"aht", Seconds, Text{"AHT", "平均处理时长"}, Text{"(Talk + wrap-up of the attempts) ÷ connects", "（通话 + 话后时长）÷ 接通次数"}, func(f *Figures) float64 { return ratio(float64(f.handling())/1000, float64(f.connects())) }},
	{"talk", Seconds, Text{"Mean talk", "平均通话时长"}, Text{"Talk of the attempts ÷ connects", "通话时长 ÷ 接通次数"}, func(f *Figures) float64 { return ratio(float64(f.Sums[TalkMS])/1000, float64(f.connects())) }},
	{"login_hours", Hours, Text{"Agent hours", "坐席工时"}, Text{"Time of agents who are logged in, pauses included; a state counts when it has ended", "坐席登录总时长（含示忙）；状态结束后计入"}, func(f *Figures) float64 {
		if f.login() == 0 {
			return math.NaN()
		}
		return float64(f.login()) / msPerHour
	}},
	{"occupancy", Share, Text{"Occupancy", "占用率"}, Text{"(Talking + wrap-up + reserved + preview) ÷ (agent hours − pauses)", "（通话 + 话后 + 预占 + 预览）÷（坐席工时 − 示忙）"}, func(f *Figures) float64 { return ratio(f.working()-f.Sums[ReadyMS], f.working()) }},
	{"idle", Share, Text{"Idle", "空闲率"}, Text{"Ready and waiting for a call ÷ (agent hours − pauses)", "就绪等待时长 ÷（坐席工时 − 示忙）"}, func(f *Figures) float64 { return ratio(f.Sums[ReadyMS], f.working()) }},
	{"talk_per_hour", Minutes, Text{"Talk per agent hour", "每工时通话分钟"}, Text{"Minutes in state talking ÷ agent hours", "通话状态分钟数 ÷ 坐席工时"}, func(f *Figures) float64 {
		return ratio(float64(f.Sums[TalkingMS])/msPerMinute, float64(f.login())/msPerHour)
	}},
	{"abandonment", Share, Text{"Abandonment", "放弃率"}, Text{"Abandoned calls ÷ (abandoned + passed to an agent), corrected machine errors included, as the ledger counts", "放弃呼叫 ÷（放弃 + 转接坐席），含更正后的机器误判，口径与台账一致"}, func(f *Figures) float64 { return ratio(f.Sums[Outcome(lists.Abandoned)], f.Sums[Live]) }},
	{"amd_false", Count, Text{"Taken for machines", "误判为机器"}, Text{"Persons whom machine detection took for a machine, by later corrections", "经更正确认被误判为机器的真人接听"}, counted1(AMDFalse)},
	{"penetration", Share, Text{"List penetration", "名单触达率"}, Text{"Records dialled at least once up to the period's end ÷ records in the lists now", "截至期末至少拨打过一次的记录 ÷ 名单现有记录"}, func(f *Figures) float64 { return math.Min(ratio(f.Touched, f.Loaded), 1) }},
	{"cost", Money, Text{"Cost", "成本"}, Text{"Data + labour + telephony + commission + fulfilment, by the campaign's cost settings of that time", "数据 + 人工 + 话费 + 佣金 + 履约，按当时的活动成本设置"}, money(Cost.total)},
	{"cost_data", Money, Text{"Data", "数据成本"}, Text{"Records dialled for the first time × price of a record", "首次拨打的记录数 × 单条价格"}, money(func(c Cost) float64 { return c.Data })},
	{"cost_labour", Money, Text{"Labour", "人工成本"}, Text{"Agent hours × hourly cost; where a row has no agent hours, the campaign's are shared out by handling time", "坐席工时 × 小时成本；无工时的分组按处理时长分摊活动人工"}, money(func(c Cost) float64 { return c.Labour })},
	{"cost_telephony", Money, Text{"Telephony", "话费"}, Text{"Attempts × price of a call + answered minutes × price of a minute", "拨打次数 × 每次费用 + 应答分钟 × 每分钟费用"}, money(func(c Cost) float64 { return c.Telephony })},
	{"cost_commission", Money, Text{"Commission", "佣金"}, Text{"Successes × commission", "成功数 × 佣金"}, money(func(c Cost) float64 { return c.Commission })},
	{"cost_fulfilment", Money, Text{"Fulfilment", "履约成本"}, Text{"Successes × cost of fulfilment", "成功数 × 履约成本"}, money(func(c Cost) float64 { return c.Fulfilment })},
	{"sales", Count, Text{"Won sales", "成交单数"}, Text{"Sales that began with these calls and stand in a won stage now, whatever their currency", "由这些通话开始、目前处于成交阶段的销售（不限币种）"}, counted1(Sales)},
	{"sales_elsewhere", Count, Text{"Won, not in revenue", "未计入收入的成交"}, Text{"Won sales in another currency than the campaign's cost settings, or of a campaign without any", "币种与活动成本设置不同、或活动没有成本设置的成交销售"}, counted1(SalesElsewhere)},
	{"revenue", Money, Text{"Revenue", "收入"}, Text{"Amounts of won sales + successes without a sale × revenue of a success. A sale counts in full at the call it began with and on that call's day, " +
		"whenever it is won; once it is lost or cancelled, its amount is taken out again", "成交销售金额 + 无销售记录的成功数 × 单次收入。一笔销售全额计入其起始通话及该通话当天，不论何时成交；之后丢单或取消，则扣除其金额"}, money(func(c Cost) float64 { return c.Revenue })},
	{"cost_per_contact", Money, Text{"Cost per contact", "单接触成本"}, Text{"Cost ÷ contacts", "成本 ÷ 有效接触"}, perMoney(Cost.total, Contacts)},
	{"revenue_per_contact", Money, Text{"Revenue per contact", "单接触收入"}, Text{"Revenue ÷ contacts", "收入 ÷ 有效接触"}, perMoney(func(c Cost) float64 { return c.Revenue }, Contacts)},
	{"cost_per_success", Money, Text{"Cost per success", "单成功成本"}, Text{"Cost ÷ successes", "成本 ÷ 成功数"}, perMoney(Cost.total, Successes)},
	{"return", Share, Text{"Return", "回报率"}, Text{"(Revenue − cost) ÷ cost", "（收入 − 成本）÷ 成本"}, func(f *Figures) float64 {
		if !f.Cost.Known {
			return math.NaN()
		}
		return ratio(f.Cost.Revenue-f.Cost.total(), f.Cost.total())
	}},
}

// values computes all KPIs.
func values(f *Figures) map[string]*float64 {
	out := make(map[string]*float64, len(KPIs))
	for i := range KPIs {
		out[KPIs[i].ID] = KPIs[i].Value(f)
	}
	return out
}
