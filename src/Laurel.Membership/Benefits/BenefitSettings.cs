using System.Globalization;
using System.Text.Json;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Benefits;

/// <summary>The settings of a benefit, as its kind reads them: field by field, every mistake noted with its pointer.</summary>
public sealed class BenefitSettings
{
    private readonly JsonElement? _object;
    private readonly string _pointer;
    private readonly List<FieldError> _found;
    private readonly HashSet<string> _read = [];

    internal BenefitSettings(JsonElement? settings, string pointer, List<FieldError> found)
    {
        (_pointer, _found) = (pointer, found);
        if (settings is { ValueKind: JsonValueKind.Object } given)
        {
            _object = given;
        }
        else if (settings is { ValueKind: not JsonValueKind.Null })
        {
            Note("", FieldErrorCode.WrongType, ("expected", "object"));
        }
    }

    /// <summary>A field that must be given; 0 when it is at fault.</summary>
    public long Integer(string name, long min, long max) => Given(name) is null ? Missing(name, 0L) : IntegerOrNull(name, min, max) ?? 0;

    /// <summary>Null when absent or at fault.</summary>
    public long? IntegerOrNull(string name, long min, long max)
    {
        if (Given(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
        {
            Fail(name, FieldErrorCode.NotAnInteger);
            return null;
        }

        if (number < min || number > max)
        {
            Fail(name, FieldErrorCode.OutOfRange, ("min", min), ("max", max));
            return null;
        }

        return number;
    }

    /// <summary>A text that must be given; empty when it is at fault.</summary>
    public string Text(string name, int lengthMax) => Given(name) is null ? Missing(name, "") : TextOrNull(name, lengthMax) ?? "";

    /// <summary>Null when absent or at fault; never blank.</summary>
    public string? TextOrNull(string name, int lengthMax) => Given(name) is { } value ? TextOf(name, value, lengthMax) : null;

    /// <summary>Texts, each not blank; empty when absent or at fault.</summary>
    public IReadOnlyList<string> Texts(string name, int countMax, int lengthMax) =>
        ItemsOf(name, countMax, (path, item) => TextOf(path, item, lengthMax) ?? "");

    /// <summary>Objects; empty when absent or at fault.</summary>
    public IReadOnlyList<T> List<T>(string name, int countMax, Func<BenefitSettings, T> read) => ItemsOf(name, countMax, (path, item) =>
    {
        var fields = new BenefitSettings(item, $"{_pointer}/{path}", _found);
        var one = read(fields);
        fields.RefuseUnknown();
        return one;
    });

    /// <summary>Notes that a field is wrong, with a code of the field errors and the values it names.</summary>
    public void Fail(string name, string code, params (string Name, object? Value)[] values) => Note($"/{name}", code, values);

    internal void RefuseUnknown()
    {
        if (_object is { } given)
        {
            foreach (var name in given.EnumerateObject().Select(field => Safely(() => field.Name) ?? "?").Where(name => !_read.Contains(name)))
            {
                Fail(name, FieldErrorCode.UnknownField);
            }
        }
    }

    private List<T> ItemsOf<T>(string name, int countMax, Func<string, JsonElement, T> read)
    {
        var items = new List<T>();
        if (Given(name) is not { } value)
        {
            return items;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fail(name, FieldErrorCode.WrongType, ("expected", "array"));
        }
        else if (value.GetArrayLength() > countMax)
        {
            Fail(name, FieldErrorCode.TooMany, ("max", countMax));
        }
        else
        {
            items.AddRange(value.EnumerateArray().Select((item, i) => read($"{name}/{i.ToString(CultureInfo.InvariantCulture)}", item)));
        }

        return items;
    }

    private string? TextOf(string path, JsonElement value, int lengthMax)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(path, FieldErrorCode.WrongType, ("expected", "string"));
            return null;
        }

        if (Safely(value.GetString) is not { } text)
        {
            Fail(path, FieldErrorCode.InvalidText);
            return null;
        }

        if (text.Length > lengthMax)
        {
            Fail(path, FieldErrorCode.TooLong, ("max", lengthMax));
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            Fail(path, FieldErrorCode.TooShort);
            return null;
        }

        return text;
    }

    // Half of a surrogate pair is found only when the text is taken out of the document.
    private static string? Safely(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private JsonElement? Given(string name)
    {
        _read.Add(name);
        return _object is { } fields && fields.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private T Missing<T>(string name, T instead)
    {
        Fail(name, FieldErrorCode.Required);
        return instead;
    }

    private void Note(string at, string code, params (string Name, object? Value)[] values) =>
        _found.Add(new FieldError(code, FieldOrigin.Body, _pointer + at, values));
}
