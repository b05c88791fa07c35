using CustomerPipeline.Application.Report.Tables;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;
using Microsoft.OData.Edm.Vocabularies;
using Microsoft.OData.Edm.Vocabularies.V1;

namespace CustomerPipeline.Functions.OData;

/// <summary>The tables as an OData entity data model: an entity set for each.</summary>
internal static class FeedModel
{
    private const string Namespace = "CustomerPipeline";

    /// <summary>The model.</summary>
    public static IEdmModel Edm { get; } = Build();

    /// <summary>The table of an entity set.</summary>
    public static FigureTable TableOf(IEdmEntitySetBase set) => FigureTables.All.Single(t => t.Name == set.Name);

    /// <summary>Writes a row.</summary>
    public static void Write(ODataWriter writer, FigureTable table, IEnumerable<int> columns, object?[] row)
    {
        writer.WriteStart(new ODataResource { Properties = [.. columns.Select(c => new ODataProperty { Name = table.Columns[c].Name, Value = row[c] })] });
        writer.WriteEnd();
    }

    private static EdmModel Build()
    {
        var model = new EdmModel();
        var container = new EdmEntityContainer(Namespace, "Figures");
        model.AddElement(container);
        foreach (var table in FigureTables.All)
        {
            var type = new EdmEntityType(Namespace, $"{table.Name}Row");
            var properties = table.Columns.Select(c => (Column: c, Property: type.AddStructuralProperty(c.Name, TypeOf(c)))).ToList();
            type.AddKeys(properties.Take(table.KeyColumns).Select(p => p.Property));
            model.AddElement(type);
            Describe(model, type, table.Description);
            properties.ForEach(p => Describe(model, p.Property, p.Column.Description));
            container.AddEntitySet(table.Name, type);
        }

        return model;
    }

    private static IEdmTypeReference TypeOf(TableColumn column) => column.Type switch
    {
        ColumnType.Text => EdmCoreModel.Instance.GetString(column.IsNullable),
        ColumnType.WholeNumber => EdmCoreModel.Instance.GetInt64(column.IsNullable),
        ColumnType.DecimalNumber => EdmCoreModel.Instance.GetDecimal(precision: 28, scale: 6, column.IsNullable),
        ColumnType.Date => EdmCoreModel.Instance.GetDate(column.IsNullable),
        ColumnType.Instant => EdmCoreModel.Instance.GetTemporal(EdmPrimitiveTypeKind.DateTimeOffset, 7, column.IsNullable),
        ColumnType.Truth => EdmCoreModel.Instance.GetBoolean(column.IsNullable),
        _ => throw new InvalidOperationException($"{column.Type} has no type in OData."),
    };

    private static void Describe(EdmModel model, IEdmVocabularyAnnotatable target, string text)
    {
        var annotation = new EdmVocabularyAnnotation(target, CoreVocabularyModel.DescriptionTerm, new EdmStringConstant(text));
        annotation.SetSerializationLocation(model, EdmVocabularyAnnotationSerializationLocation.Inline);
        model.AddVocabularyAnnotation(annotation);
    }
}
