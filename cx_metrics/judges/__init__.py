"""What words show: mood, cues, language, empathy, personal data and scripts, judged from the text alone."""
