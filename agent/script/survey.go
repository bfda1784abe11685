package script

import _ "embed" // of the survey

//go:embed survey.txt
var surveyText string

// Survey is a satisfaction survey of sixty questions that depend on each other, as an example and for tests.
func Survey() (Document, error) { return ReadText(surveyText) }
