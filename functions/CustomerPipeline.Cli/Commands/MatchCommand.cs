using System.CommandLine;
using System.Globalization;
using CsvHelper;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>identity match</c>: the model of the suggestions on a file of people, without any pipeline.</summary>
internal static class MatchCommand
{
    // Columns of the usual names; several that make up one field are joined.
    private static readonly (LinkageField Field, string[] Columns)[] Known =
    [
        (LinkageField.GivenName, ["given_name", "first_name", "firstname", "fname"]),
        (LinkageField.FamilyName, ["surname", "family_name", "last_name", "lastname", "lname"]),
        (LinkageField.BirthDate, ["date_of_birth", "birth_date", "dob", "birthdate"]),
        (LinkageField.Street, ["street_number", "address_1", "street", "address"]),
        (LinkageField.PostalCode, ["postcode", "postal_code", "zip"]),
        (LinkageField.City, ["suburb", "city", "town"]),
        (LinkageField.Phone, ["phone_number", "phone"]),
        (LinkageField.Email, ["email"]),
        (LinkageField.IdNumber, ["soc_sec_id", "id_number", "ssn"]),
    ];

    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A CSV file with a header. Columns of the usual names are compared: given_name, surname (or name), date_of_birth, street_number, address_1, postcode, city, phone, email, soc_sec_id …" };
        var id = new Option<string?>("--id") { Description = "The column that names a record; the row's number otherwise." };
        var truth = new Option<string?>("--truth") { Description = "The column that says who a record is of: precision and recall are printed." };
        var least = CommonOptions.Number("--least", "The probability from which a pair is written.", 0, 1, 0.5);
        var output = new Option<FileInfo?>("--out", "-o") { Description = "File for the pairs (CSV).", HelpName = "FILE" };
        var command = new Command("match", "Find records in a file that may be one person, by the model that makes the suggestions.") { file, id, truth, least, output };
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(
            result.GetValue(file)!, result.GetValue(id), result.GetValue(truth), result.GetValue(least), result.GetValue(output), cancellationToken)));
        return command;
    }

    private static int Run(FileInfo file, string? id, string? truth, double least, FileInfo? output, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            throw new CommandException($"There is no file '{file}'.");
        }

        var people = new List<PersonFields>();
        var personOf = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, string> header;
        using (var csv = new CsvReader(file.OpenText(), CultureInfo.InvariantCulture))
        {
            csv.Read();
            csv.ReadHeader();
            header = csv.HeaderRecord!.ToDictionary(h => h.Trim(), h => h, StringComparer.OrdinalIgnoreCase);
            foreach (var needed in new[] { id, truth }.OfType<string>().Where(c => !header.ContainsKey(c)))
            {
                throw new CommandException($"The file has no column '{needed}'. It has {string.Join(", ", header.Keys)}.");
            }

            while (csv.Read())
            {
                var person = ReadPerson(csv, header, id is null ? (people.Count + 1).ToString(CultureInfo.InvariantCulture) : csv.GetField(header[id])!.Trim());
                people.Add(person);
                if (truth is not null)
                {
                    personOf[person.Id] = csv.GetField(header[truth])!.Trim();
                }
            }
        }

        var found = LinkageResult.Of(people, least, cancellationToken);
        Write(found.Pairs, output);
        Console.WriteLine($"Compared: {string.Join(", ", found.Compared.Select(c => ColumnsOf(c, header)))}.");
        if (found.Refused is { } reason)
        {
            Console.WriteLine(reason);
            return 0;
        }

        Console.WriteLine($"{people.Count:N0} records, {found.Pairs.Count:N0} pairs from probability {least.ToString(CultureInfo.InvariantCulture)}; "
            + $"{found.EstimatedPairs:N0} pairs are one person by estimate.");
        if (truth is not null)
        {
            Console.WriteLine($"pairs as given: {Text(LinkageQuality.Of(found.Pairs.Select(p => (p.Left, p.Right)), personOf))}");
            Console.WriteLine($"closed over chains: {Text(LinkageQuality.OfChains(found.Chains, personOf))}");
        }

        return 0;
    }

    private static string Text(LinkageQuality quality) => $"precision {quality.Precision:N4}, recall {quality.Recall:N4}, F1 {quality.F1:N4}";

    private static string ColumnsOf(ComparedField compared, Dictionary<string, string> header)
    {
        var columns = Known.Single(k => k.Field == compared.Field).Columns.Where(header.ContainsKey).ToList();
        return $"{compared.Field} ({(columns.Count == 0 ? "name" : string.Join(" ", columns))}, {compared.Filled:P0} filled)";
    }

    private static PersonFields ReadPerson(CsvReader csv, Dictionary<string, string> header, string id)
    {
        var person = new PersonFields(id);
        if (header.TryGetValue("name", out var name))
        {
            person.WithName(csv.GetField(name));
        }

        foreach (var (field, columns) in Known)
        {
            var values = columns.Where(header.ContainsKey).Select(c => csv.GetField(header[c])?.Trim()).Where(v => !string.IsNullOrEmpty(v)).ToList();
            if (values.Count > 0)
            {
                person.With(field, string.Join(' ', values));
            }
        }

        return person;
    }

    private static void Write(IEnumerable<ScoredPair> pairs, FileInfo? output)
    {
        if (output is null)
        {
            return;
        }

        using var csv = new CsvWriter(output.CreateText(), CultureInfo.InvariantCulture);
        foreach (var title in new[] { "left", "right", "probability", "evidence" })
        {
            csv.WriteField(title);
        }

        csv.NextRecord();
        foreach (var pair in pairs)
        {
            csv.WriteField(pair.Left);
            csv.WriteField(pair.Right);
            csv.WriteField(pair.Probability);
            csv.WriteField(string.Join(' ', pair.Evidence.Select(e => $"{e.Field}={e.Level}({e.Weight.ToString(CultureInfo.InvariantCulture)})")));
            csv.NextRecord();
        }
    }
}
