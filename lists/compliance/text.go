package compliance

// refusalText says in one sentence why a rule of a kind forbids a call.
func refusalText(kind Kind, rule *Rule) (en, zh string) {
	switch kind {
	case KindDNC:
		return "the number is on a do-not-call list", "号码在谢绝来电名单上"
	case KindZone:
		return "the zone of the callee is not known", "无法确定被叫方所在时区"
	case KindUncovered:
		return "no rule pack of the campaign is for the callee's country", "活动未选择适用于被叫方所在国家的规则包"
	case Hours:
		return "outside the calling hours of the callee", "不在被叫方的可呼叫时段内"
	case Attempts:
		return "the number was tried as often as the window allows", "该时段内的呼叫次数已达上限"
	case Consent:
		return "there is no valid consent of the callee for this purpose", "没有被叫方针对此用途的有效同意"
	case Registry:
		return "the copy of the do-not-call registry is missing or too old", "谢绝来电登记副本缺失或已过期"
	case Ring:
		return "the campaign lets calls ring for a shorter time than the rule demands", "活动的振铃时间短于规则要求"
	case CallerID:
		return "the campaign shows no number to the callee", "活动未向被叫方显示号码"
	case Pause:
		return pauseText(rule)
	}
	return "", ""
}

func pauseText(rule *Rule) (en, zh string) {
	switch rule.After {
	case AfterRefusal:
		return "the callee refused to be called", "被叫方已拒绝来电"
	case AfterConversation:
		return "somebody talked with the callee a short time ago", "近期已与被叫方通话"
	}
	return "an earlier call to the number was abandoned", "此前对该号码的呼叫曾被放弃"
}

// explain writes the sentences of an answer. What no machine checks is said to be so.
func (a *Ruling) explain(r *Rules) {
	switch {
	case a.Kind == Conduct || a.Kind == Keep:
		a.Why, a.WhyZH = "kept by people and settings, not asked before a call", "由人员和设置保证，呼叫前不检查"
	case a.Kind == Abandonment:
		a.Why, a.WhyZH = "kept by the pacing of the campaign", "由活动的外呼节奏控制"
	case a.Lifted:
		a.Why, a.WhyZH = "an override lifts the rule for this number", "已针对该号码准予例外"
	case a.Pass:
		a.Why, a.WhyZH = "permits the call", "允许呼叫"
	default:
		a.Why, a.WhyZH = refusalText(a.Kind, r.rule(a.Rule))
	}
	if a.Title == "" {
		a.Title, a.TitleZH = ownTitle(a.Rule)
	}
}

func (r *Rules) rule(id string) *Rule {
	for _, x := range r.active {
		if x.ID == id {
			return x
		}
	}
	return nil
}

func ownTitle(rule string) (en, zh string) {
	switch rule {
	case RuleDNC:
		return "Do-not-call lists", "谢绝来电名单"
	case RuleCap:
		return "Attempts per number, by the campaign", "活动设置的单号码呼叫次数上限"
	case RuleHours:
		return "Calling hours of the campaign", "活动设置的呼叫时段"
	case RuleConsent:
		return "Consent, by the campaign", "活动要求的同意"
	case RuleZone:
		return "The callee's time zone is known", "被叫方时区已知"
	}
	return "A rule pack for the callee's country", "适用于被叫方国家的规则包"
}
