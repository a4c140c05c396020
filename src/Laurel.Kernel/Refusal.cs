namespace Laurel.Kernel;

/// <summary>A call that was understood and is not carried out. Changes nothing; a value, never an exception.</summary>
/// <param name="Code">Stable, upper case, in the catalogue that gives its status and its titles.</param>
/// <param name="Values">What the text of the code names, for example <c>required</c> and <c>available</c>.</param>
public sealed record Refusal(string Code, IReadOnlyDictionary<string, object?> Values)
{
    private static readonly IReadOnlyDictionary<string, object?> s_none = new Dictionary<string, object?>();

    public Refusal(string code)
        : this(code, s_none)
    {
    }

    public Refusal(string code, params (string Name, object? Value)[] values)
        : this(code, values.ToDictionary(v => v.Name, v => v.Value))
    {
    }

    /// <summary>False where the same call may be applied later without anybody changing it, as when its time has come.</summary>
    public bool Definitive { get; init; } = true;

    /// <summary>The request field at fault as a JSON pointer, where one field is; otherwise null.</summary>
    public string? Pointer { get; init; }
}
