namespace Laurel.Platform.Errors;

/// <summary>The languages in which every refusal is written.</summary>
public enum Language
{
    English,
    Chinese,
}

/// <summary>A phrase in both languages, for a value of a refusal that is itself text.</summary>
public sealed record Wording(string English, string Chinese)
{
    public string In(Language language) => language switch
    {
        Language.English => English,
        Language.Chinese => Chinese,
    };

    public override string ToString() => English;
}
