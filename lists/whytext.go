package lists

import "fmt"

// whyText is what people read of a rule.
type whyText struct{ title, titleZH, pass, passZH, refuse, refuseZH string }

var whyTexts = map[string]whyText{
	WhyCampaign: {"Campaign", "活动", "The campaign is running.", "活动正在运行。",
		"The campaign is not running: start it.", "活动未在运行：请启动活动。"},
	WhyDialer: {"Dialer", "拨号进程", "A dialer process works on the campaign.", "有拨号进程在处理该活动。",
		"No dialer process works on the campaign: see whether one is running and reaches the database.", "没有拨号进程在处理该活动：请检查拨号进程是否在运行并能连接数据库。"},
	WhyList: {"List", "名单", "Its list belongs to the campaign.", "所在名单属于该活动。",
		"Its list does not belong to the campaign: add the list to the campaign.", "所在名单不属于该活动：请将名单加入活动。"},
	WhySegment: {"Segments", "分群", "The campaign's segments hold the contact, or it has none.", "联系人在活动的分群内，或活动未设分群。",
		"The campaign's segments do not hold the contact: change the segments, or what they ask of it.", "联系人不在活动的分群内：请调整分群或联系人的相关内容。"},
	WhyState: {"Place in the campaign", "在活动中的状态", "The campaign has not looked at it yet.", "活动尚未处理该联系人。", "", ""},
	ReasonDuplicate: {"Same number", "重复号码", "No other contact of the campaign has its number.", "活动中没有其他联系人使用同一号码。",
		"Another contact of the campaign has the same number.", "活动中另有联系人使用同一号码。"},
	ReasonAttempts: {"Attempts of the campaign", "活动尝试次数", "The campaign's limit of attempts is not reached.", "未达到活动的尝试次数上限。",
		"It was tried as often as the campaign allows.", "已达到活动允许的尝试次数。"},
	ReasonLimit: {"Limits of attempts", "尝试次数限制", "No limit of attempts is reached.", "未达到任何尝试次数限制。",
		"It was tried as often as a limit of the campaign allows for a time.", "已达到活动在一段时间内允许的尝试次数。"},
	WhyOpen: {"Call under way", "正在呼叫", "Nobody is calling the number.", "该号码当前没有呼叫。",
		"The number is being called at this moment.", "该号码正在被呼叫。"},
	RuleErased: {"Erasure", "删除请求", "Nobody asked to have the number forgotten.", "没有针对该号码的删除请求。",
		"Its owner was erased: the number is never called again.", "该号码的所有者已被删除：永不再呼叫。"},
	RuleRegistry: {"Registry", "谢绝来电登记", "The number is on no registry that the campaign must ask.", "该号码不在活动须查询的登记名单上。",
		"The number is on a do-not-call registry.", "该号码在谢绝来电登记名单上。"},
	ReasonNextNumber:  {"Numbers of the contact", "联系人的号码", "", "", "", ""},
	RuleCoverage:      {"Coverage of registries", "登记名单覆盖范围", "", "", "The registry was not loaded for the number's area.", "登记名单未覆盖该号码所在地区。"},
	RuleRegistryStale: {"Age of registries", "登记名单时效", "The registries that the campaign itself demands are young enough.", "活动要求的登记名单均在有效期内。", "", ""},
	WhyNumber: {"Do-not-call list", "谢绝来电名单", "Neither the number nor the person is on the do-not-call list.", "号码和本人均不在谢绝来电名单上。",
		"The number or the person is on the do-not-call list.", "号码或本人在谢绝来电名单上。"},
}

// stateText says where a contact that was looked at stands.
func stateText(y Why) (en, zh string) {
	switch y.State {
	case stateWaiting:
		if y.DueAt != nil && y.DueAt.After(y.At) {
			return fmt.Sprintf("It waits (%s).", y.Reason), fmt.Sprintf("等待中（%s）。", y.Reason)
		}
		return fmt.Sprintf("It is due (%s).", y.Reason), fmt.Sprintf("已到时间（%s）。", y.Reason)
	case stateInFlight:
		return "It is being called at this moment.", "正在呼叫。"
	case stateFinished:
		return fmt.Sprintf("It is finished (%s): reset the list to call it again.", y.Reason), fmt.Sprintf("已完成（%s）：如需再次呼叫，请重置名单。", y.Reason)
	}
	return fmt.Sprintf("It was excluded (%s).", y.Reason), fmt.Sprintf("已排除（%s）。", y.Reason)
}

// campaignText is the conclusion in words.
func campaignText(y *CampaignWhy, d RegistryDemand) (en, zh string) {
	switch y.Reason {
	case "":
		return "Contacts may be called now.", "现在有可以呼叫的联系人。"
	case WhyNoContacts:
		return "The campaign has no contacts: load a list or add one.", "活动没有联系人：请载入或添加名单。"
	case WhyEmpty:
		return "Every contact is finished, excluded or being called: add a list, or reset one.", "所有联系人均已完成、被排除或正在呼叫：请添加或重置名单。"
	case WhyWaiting:
		return "Every contact that is left waits for its time.", "剩余联系人均在等待到时间。"
	case "hours", "campaign.hours":
		return "The contacts that are left are outside their calling hours.", "剩余联系人当前不在可呼叫时段内。"
	case "registry_stale":
		if d.Region != "" {
			return fmt.Sprintf("The registry of %s is missing or older than %d days: load a newer file of it.", d.Region, d.MaxAgeDays),
				fmt.Sprintf("%s 的登记名单缺失或已超过 %d 天：请载入较新的文件。", d.Region, d.MaxAgeDays)
		}
		return "A registry that the rule packs demand is missing or too old: load a newer file of it.", "规则包要求的登记名单缺失或过旧：请载入较新的文件。"
	case "consent":
		return "The contacts that are left have given no consent that counts: record their consents.", "剩余联系人没有有效的同意记录：请登记同意。"
	}
	if t, ok := whyTexts[y.Reason]; ok {
		return t.refuse, t.refuseZH
	}
	return fmt.Sprintf("Most contacts that are left are kept back by the rule %s.", y.Reason), fmt.Sprintf("剩余联系人大多受规则 %s 限制。", y.Reason)
}
