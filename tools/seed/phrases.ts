/** What people of the marketplace write to each other, and of themselves. */
export const NDA_MESSAGES = [
  "",
  "We are looking for a film like this one for next year's slate.",
  "The logline stayed with me. May I read the script?",
  "Our company has made two films of this size and would like to see the budget.",
  "I met you at the market in spring; you said I might ask.",
  "Interested in a co-production. Please let us see the full package.",
] as const;

export const OPENINGS = [
  "Hello! I would like to hear more about this project.",
  "Thank you for letting me read it. I have a few questions.",
  "Is the project still open for partners?",
  "We read the treatment over the weekend and would like to talk.",
  "Who is attached so far, and when do you plan to shoot?",
] as const;

export const REPLIES = [
  "Thank you for writing. I will send you the newest draft this week.",
  "Could we talk on Thursday afternoon?",
  "The budget is being redone; the top sheet stays about the same.",
  "We have a letter of intent from our lead, but nothing signed.",
  "That works for me.",
  "Let me ask my partners and come back to you.",
  "The second act is shorter in the new version. Please tell me what you think.",
  "We could come in with a third, if the tax credit is confirmed.",
  "Sorry for the late answer: we were shooting.",
  "Good. I have put it in the calendar.",
] as const;

export const BIOS = {
  creator: ["Writes and directs.", "Director, at home in small rooms and long takes.", "Writer. Before that, a nurse."],
  investor: [
    "Invests in films with a voice of their own.",
    "Looks for projects with half of the money in place.",
    "Family office; first films welcome.",
  ],
  production: [
    "Produces features and series.",
    "Line producer who became a producer.",
    "Co-productions, mostly with public funding.",
  ],
} as const;

export const COMPANY_ENDINGS = ["Pictures", "Films", "Entertainment", "Productions", "Media", "Capital"] as const;
