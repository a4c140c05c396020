using System.Globalization;
using System.Text.Json;

namespace Laurel.Engine.Audit;

/// <summary>What the audit may say of a root: named figures and words in the open. Personal data and secrets are never added, only numbers that
/// rise when they change.</summary>
public sealed class AuditState
{
    private readonly record struct Field(string Name, long? Number, string? Text);

    private const long ExactMax = (1L << 53) - 1;

    private readonly List<Field> _fields = [];

    /// <summary>Adds a figure; null is written as null.</summary>
    public void Add(string name, long? number) => _fields.Add(new Field(name, number, null));

    /// <summary>Adds words that name nobody and open nothing.</summary>
    public void Add(string name, string? text) => _fields.Add(new Field(name, null, text));

    /// <summary>Adds yes or no.</summary>
    public void Add(string name, bool flag) => Add(name, flag ? 1 : 0);

    internal void Clear() => _fields.Clear();

    /// <summary>Writes what <paramref name="other"/> has not, or has otherwise, as the members of an object with this name; nothing when there is nothing.</summary>
    internal void WriteOther(Utf8JsonWriter json, string name, AuditState other)
    {
        var begun = false;
        foreach (var field in _fields)
        {
            if (other._fields.Contains(field))
            {
                continue;
            }

            if (!begun)
            {
                json.WriteStartObject(name);
                begun = true;
            }

            Write(json, field);
        }

        if (begun)
        {
            json.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter json, Field field)
    {
        if (field.Number is { } number)
        {
            // Readers whose numbers are floating point would round what is larger.
            if (number is <= ExactMax and >= -ExactMax)
            {
                json.WriteNumber(field.Name, number);
            }
            else
            {
                json.WriteString(field.Name, number.ToString(CultureInfo.InvariantCulture));
            }
        }
        else
        {
            json.WriteString(field.Name, field.Text);
        }
    }
}
