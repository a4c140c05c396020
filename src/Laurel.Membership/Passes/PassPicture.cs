using System.Globalization;
using System.Text;
using QRCoder;

namespace Laurel.Membership.Passes;

/// <summary>Draws a code as a QR code (ISO/IEC 18004), error correction M.</summary>
internal static class PassPicture
{
    /// <summary>As SVG that scales to any size: black on white, four modules of white around it.</summary>
    public static string Draw(string code)
    {
        using var data = QRCodeGenerator.GenerateQrCode(code, QRCodeGenerator.ECCLevel.M);
        var (rows, side) = (data.ModuleMatrix, data.ModuleMatrix.Count);
        var svg = new StringBuilder(4_096);
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">""");
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{side}" height="{side}" fill="#fff"/><path d=""").Append('"');
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                if (rows[y][x])
                {
                    svg.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return svg.Append("\"/></svg>").ToString();
    }
}
