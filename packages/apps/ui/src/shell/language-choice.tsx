import { Choice } from "../components/field.tsx";
import { LANGUAGES, type Language, language, speak, t } from "../words/index.ts";

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { fr: "Français", en: "English" };

export function LanguageChoice() {
  return (
    <Choice<Language>
      label={t("menu.language")}
      name="language"
      value={language()}
      onChange={(value) => void speak(value, true)}
      options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
    />
  );
}
