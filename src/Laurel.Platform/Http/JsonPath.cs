using System.Globalization;
using System.Text;

namespace Laurel.Platform.Http;

/// <summary>A place in a body, written as a JSON pointer (RFC 6901) only when a fault needs it.</summary>
/// <param name="Parent">Null for the whole body.</param>
/// <param name="Name">The property; null for an array item.</param>
/// <param name="Index">The position in an array.</param>
internal sealed record JsonPath(JsonPath? Parent, string? Name, int Index)
{
    public static readonly JsonPath Root = new(null, null, 0);

    public JsonPath Child(string name) => new(this, name, 0);

    public JsonPath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (Parent is null)
        {
            return;
        }

        Parent.Append(text);
        text.Append('/');
        if (Name is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Index}");
        }
        else
        {
            // RFC 6901 §3: ~ first, or the ~ of an escaped slash would be escaped again.
            text.Append(Name.Replace("~", "~0").Replace("/", "~1"));
        }
    }
}
